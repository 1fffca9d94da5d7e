"""The event log on Postgres, read by those who follow it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from services.api.app import ApiApp
from services.api.models.event_log import BEGINNING
from services.api.repository.projection import LoggedEvent
from services.api.service.live_events import LiveEvent, Wanted
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7
from shared.testing import MOMENT, a_media_ready, a_media_started
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.builders import CARD

REQUEST = {"generator": "card", "input": CARD}


def a_line(name: str) -> LoggedEvent:
    kind = "darkroom.media.started.v1"
    return LoggedEvent(name, uuid7(), "default", kind, 11, MOMENT, '{"data": {"generator": "x"}}')


async def test_a_commit_that_comes_late_is_never_passed_over(postgres: OpenUnitOfWork) -> None:
    async with postgres() as late:
        await late.projection.log([a_line("late")])
        async with postgres() as early:
            await early.projection.log([a_line("early")])
        async with postgres() as reader:
            assert await reader.event_log.list_after(BEGINNING, 10) == []
    async with postgres() as reader:
        entries = await reader.event_log.list_after(BEGINNING, 10)
        assert len(entries) == 2
        assert entries[0].position < entries[1].position
        assert len(await reader.event_log.list_after(entries[0].position, 10)) == 1
        now = await reader.event_log.now()
        assert await reader.event_log.is_known(now)
        assert await reader.event_log.list_after(now, 10) == []
        assert not await reader.event_log.is_known(now._replace(transaction_id=2**60))


@pytest.mark.usefixtures("cards")
async def test_a_stream_tells_a_job_to_its_end_and_is_resumed(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    job_id = (await client.post("/v1/media", json=REQUEST)).json()["id"]
    url = f"/v1/media/{job_id}/events"
    hearing = asyncio.create_task(client.get(url))
    await neighbours.say(a_media_started(job_id=job_id), a_media_ready(job_id=job_id))
    lines = (await hearing).text.splitlines()
    told = [line for line in lines if line.startswith("event")]
    assert told[0] == "event: media.requested"
    assert told[-1] == "event: media.ready"
    places = [line[4:] for line in lines if line.startswith("id: ")]
    resumed = await client.get(url, headers={"Last-Event-ID": places[1]})
    assert [x for x in resumed.text.splitlines() if x.startswith("event")] == told[1:]
    assert (await client.get(url, headers={"Last-Event-ID": places[-1]})).status_code == 204


@pytest.mark.usefixtures("cards")
async def test_a_tenant_hears_its_own_from_now_on(
    app: ApiApp, client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    wanted = Wanted("default", generators=frozenset({"card"}))
    stream = await app._services.listening.listen_to_all(wanted, None)
    await anext(stream.events)
    job_id = (await client.post("/v1/media", json=REQUEST)).json()["id"]
    await neighbours.say(a_media_ready(job_id=job_id))
    heard = [event async for event in _until_final(stream.events)]
    assert [str(event.job_id) for event in heard] == [job_id] * 2


async def _until_final(
    events: AsyncIterator[LiveEvent | None],
) -> AsyncIterator[LiveEvent]:
    async for event in events:
        if event is not None:
            yield event
            if event.final:
                return
