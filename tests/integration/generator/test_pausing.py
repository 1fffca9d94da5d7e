"""Pause and resume, with everything real: nothing begins, nothing is lost, everybody knows."""

from pathlib import Path

import pytest

from services.generator.app import GeneratorApp
from services.generator.settings import GeneratorSettings
from shared.clock import SystemClock, uuid7
from shared.events import (
    Action,
    ControlGenerators,
    GeneratorAnnounced,
    Lane,
    MediaGenerated,
    announce,
)
from shared.messaging import topology
from shared.messaging.outgoing import outgoing
from shared.testing import eventually
from tests.integration.generator.harness import Client, ask, backlog, serving, told
from tests.integration.generator.steps import job_row


@pytest.fixture
def settings(database_url: str, rabbitmq_url: str, tmp_path: Path) -> GeneratorSettings:
    return told(database_url, rabbitmq_url, tmp_path, poll_seconds=30)


async def command(client: Client, action: Action, generator: str | None = "noop") -> None:
    """What the api sends for an operator."""
    data = ControlGenerators(action=action, generator=generator)
    now = SystemClock().now()
    event = announce(data, source="/tests", time=now, event_id=uuid7())
    await client.publish(outgoing(event))


def announcements(client: Client, name: str) -> list[bool]:
    """Whether it was paused, at each announcement."""
    heard = [event.data for event in client.heard if isinstance(event.data, GeneratorAnnounced)]
    return [data.paused for data in heard if data.name == name]


async def is_announced(client: Client, name: str, paused: bool) -> None:
    def announced() -> None:
        assert announcements(client, name)[-1:] == [paused]

    await eventually(announced)


async def test_a_paused_generator_begins_nothing_until_it_is_resumed(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    await command(client, Action.PAUSE)
    await is_announced(client, "noop", True)
    waiting = await client.request("noop")
    assert isinstance(await client.outcome(await client.request("flaky")), MediaGenerated)
    await eventually(lambda: _must_be(job_row(database_url, waiting)["status"], "queued"))

    await command(client, Action.RESUME)

    assert isinstance(await client.outcome(waiting), MediaGenerated)
    await is_announced(client, "noop", False)


async def test_what_runs_goes_on_when_its_generator_is_paused(
    app: GeneratorApp, client: Client
) -> None:
    job_id = await client.request("flaky", input={"delay_seconds": 1.5})
    await client.hears("started", job_id)

    await command(client, Action.PAUSE, None)
    await is_announced(client, "flaky", True)

    assert isinstance(await client.outcome(job_id), MediaGenerated)


async def test_a_pause_outlives_every_process(
    settings: GeneratorSettings, client: Client, database_url: str
) -> None:
    async with serving(settings):
        await command(client, Action.PAUSE)
        await is_announced(client, "noop", True)
    client.heard.clear()

    async with serving(settings):
        waiting = await client.request("noop")
        await eventually(lambda: _must_be(announcements(client, "noop")[:1], [True]))
        assert isinstance(await client.outcome(await client.request("flaky")), MediaGenerated)
        await eventually(lambda: _must_be(job_row(database_url, waiting)["status"], "queued"))
        await command(client, Action.RESUME, None)
        assert isinstance(await client.outcome(waiting), MediaGenerated)


async def test_every_process_hears_of_it_at_once(
    settings: GeneratorSettings, client: Client
) -> None:
    async with serving(settings) as one, serving(settings) as other:
        await command(client, Action.PAUSE)

        await eventually(lambda: _must_show(one, 'paused{generator="noop"} 1.0'))
        await eventually(lambda: _must_show(other, 'paused{generator="noop"} 1.0'))
        await _must_show(one, 'paused{generator="flaky"} 0.0')


async def test_the_backlog_of_a_paused_generator_stays_in_the_broker(
    settings: GeneratorSettings, client: Client, rabbitmq_url: str
) -> None:
    small = settings.model_copy(update={"window": 4})
    queue = topology.work_queue("noop", Lane.BATCH).name
    async with serving(small):
        await command(client, Action.PAUSE)
        await is_announced(client, "noop", True)

        jobs = await client.request_many(30, "noop", lane=Lane.BATCH)
        assert isinstance(await client.outcome(await client.request("flaky")), MediaGenerated)
        waiting = await eventually(lambda: _backlog_of(rabbitmq_url, queue, 20))

        await command(client, Action.RESUME)
        for job_id in jobs:
            assert isinstance(await client.outcome(job_id, timeout=60), MediaGenerated)

    assert 20 <= waiting <= 26


async def _backlog_of(rabbitmq_url: str, queue: str, least: int) -> int:
    count = await backlog(rabbitmq_url, queue)
    assert count >= least
    return count


async def _must_show(app: GeneratorApp, line: str) -> None:
    assert f"darkroom_generator_{line}" in (await ask(app, "/metrics")).text


def _must_be(value: object, wanted: object) -> None:
    assert value == wanted
