"""The notifier as a process that is killed or asked to end: nothing is lost, nothing doubled."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shared.events import MediaCanceled
from shared.messaging.publisher import Publisher
from shared.testing import a_media_cancel_requested, a_media_generated, eventually
from tests.backends.databases import query
from tests.conftest import MakeDatabase
from tests.integration.messaging.harness import Inbox
from tests.integration.notifier.hearing import must_have_begun, must_have_said, tell, verdicts

PATIENCE = 60


class Notifier:
    """`python -m services.notifier serve`."""

    def __init__(self, database_url: str, rabbitmq_url: str, log: Path) -> None:
        self.database_url = database_url
        self._log = log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._health = f"http://127.0.0.1:{port}/health/ready"
        self._environment = os.environ | {
            "DARKROOM_NOTIFIER_DATABASE_URL": database_url,
            "DARKROOM_NOTIFIER_PORT": str(port),
            "DARKROOM_NOTIFIER_GRACE_SECONDS": "1",
            "DARKROOM_RABBITMQ_URL": rabbitmq_url,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.notifier", "serve"],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def must_be_ready(self) -> None:
        httpx.get(self._health).raise_for_status()

    def end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(PATIENCE)


@pytest.fixture
async def notifier(
    make_database: MakeDatabase, rabbitmq_url: str, publisher: Publisher, tmp_path: Path
) -> AsyncIterator[Notifier]:
    notifier = Notifier(make_database("notifier"), rabbitmq_url, tmp_path / "notifier.log")
    notifier.start()
    try:
        await eventually(notifier.must_be_ready, timeout=PATIENCE)
        yield notifier
    finally:
        notifier.end(signal.SIGKILL)


async def test_killed_in_the_middle_it_gives_every_verdict_once(
    publisher: Publisher, last_words: Inbox, notifier: Notifier
) -> None:
    await tell(publisher, *(a_media_generated() for _ in range(500)))
    await eventually(lambda: must_have_begun(notifier.database_url))
    notifier.end(signal.SIGKILL)
    await tell(publisher, *(a_media_generated() for _ in range(500)))
    notifier.start()
    await eventually(lambda: must_have_said(last_words, 1000), timeout=PATIENCE)
    assert verdicts(notifier.database_url) == 1000


async def test_killed_while_wishes_are_pending_it_closes_every_job_once(
    publisher: Publisher, last_words: Inbox, notifier: Notifier
) -> None:
    await tell(publisher, *(a_media_cancel_requested() for _ in range(1_000)))
    await eventually(lambda: must_have_begun(notifier.database_url), timeout=PATIENCE)
    notifier.end(signal.SIGKILL)
    notifier.start()
    heard = await eventually(lambda: must_have_said(last_words, 1_000), timeout=PATIENCE)
    assert {type(event.data) for event in heard} == {MediaCanceled}
    assert verdicts(notifier.database_url) == 1_000
    assert query(notifier.database_url, "SELECT count(*) AS n FROM pending_end") == [{"n": 0}]


async def test_asked_to_end_it_says_what_it_decided_and_exits_well(
    publisher: Publisher, last_words: Inbox, notifier: Notifier
) -> None:
    await tell(publisher, *(a_media_generated() for _ in range(300)))
    await eventually(lambda: must_have_begun(notifier.database_url))
    assert notifier.end(signal.SIGTERM) == 0
    await eventually(lambda: must_have_said(last_words, verdicts(notifier.database_url)))
    assert query(notifier.database_url, "SELECT count(*) AS n FROM outbox") == [{"n": 0}]
