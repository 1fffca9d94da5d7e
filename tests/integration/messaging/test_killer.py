"""A message that kills its consumer becomes a dead letter, and takes nobody along."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aio_pika.abc import AbstractIncomingMessage

from shared.messaging import topology
from shared.messaging.declare import declare
from shared.messaging.outgoing import outgoing
from shared.messaging.publisher import Publisher
from shared.testing import a_media_failed, a_media_ready, an_event, eventually
from tests.integration.messaging.harness import OTHER, QUEUE, depth, listening


@contextmanager
def killable(url: str, killing: str, handled: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.integration.messaging.crashing", url, killing]
    with subprocess.Popen([*command, str(handled)], start_new_session=True) as process:
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def must_have_handled(handled: Path, subjects: set[str]) -> None:
    assert set(handled.read_text().split()) == subjects


async def test_a_message_that_kills_its_consumer_is_a_dead_letter_and_its_neighbours_are_not(
    rabbitmq_url: str, publisher: Publisher, tmp_path: Path
) -> None:
    culprit, handled = a_media_ready(), tmp_path / "handled"
    same_queue = [a_media_ready() for _ in range(60)]
    same_process = [a_media_failed() for _ in range(60)]
    await declare(publisher.connection, [QUEUE, OTHER])
    everything = [*same_queue[:30], culprit, *same_queue[30:], *same_process]
    await publisher.publish_many([outgoing(an_event(one)) for one in everything])
    async with listening(rabbitmq_url, topology.DEAD, "#") as graves:
        with killable(rabbitmq_url, str(culprit.job_id), handled):
            [letter] = await eventually(lambda: graves.must_hold(1), timeout=150)
            innocent = {str(one.job_id) for one in (*same_queue, *same_process)}
            await eventually(lambda: must_have_handled(handled, innocent), timeout=30)
        graves.must_hold(1)
    assert letter.message_id == an_event(culprit).id
    assert reason_of(letter) == "delivery_limit"
    for queue in (QUEUE, OTHER):
        assert await depth(rabbitmq_url, queue.name) == 0


def reason_of(letter: AbstractIncomingMessage) -> object:
    deaths = letter.headers["x-death"]
    assert isinstance(deaths, list)
    assert isinstance(deaths[0], dict)
    return deaths[0]["reason"]
