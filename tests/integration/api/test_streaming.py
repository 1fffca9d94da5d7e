"""The event log on Postgres, read by those who follow it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from services.api.app import ApiApp
from services.api.models.event_log import BEGINNING, REQUESTED_TYPE, LogPosition
from services.api.repository.projection import LoggedEvent
from services.api.service.live_events import LiveEvent, Wanted
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7
from shared.testing import MOMENT, a_media_ready, a_media_started
from tests.integration.api.looking import told_of
from tests.integration.api.neighbours import Neighbours
from tests.integration.api.test_deletions import NOW, delete, ended
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
            assert (await reader.event_log.find_window(BEGINNING, "default")).seqs == []
            assert await reader.event_log.list_lines(BEGINNING, 10) == []
    async with postgres() as reader:
        log = reader.event_log
        entries = await told_of(log, BEGINNING)
        lines = await log.list_lines(BEGINNING, 10)
        assert [entry[:4] for entry in entries] == [tuple(line) for line in lines]
        assert await log.list_entries([one.position.seq for one in lines]) == entries
        assert len(entries) == 2
        assert entries[0].position < entries[1].position
        assert len(await log.list_lines(entries[0].position, 10)) == 1
        now = await reader.event_log.now()
        assert await reader.event_log.is_known(now)
        assert await told_of(log, now) == []
        assert not await reader.event_log.is_known(now._replace(transaction_id=2**60))


async def test_a_moment_is_found_in_the_log_and_nothing_behind_it_is_left_out(
    unit_of_work: OpenUnitOfWork,
) -> None:
    kind = REQUESTED_TYPE
    for hour in range(40):
        async with unit_of_work() as work:
            requested = a_line(f"r{hour}")._replace(type=kind, time=MOMENT + timedelta(hours=hour))
            late = a_line(f"l{hour}")._replace(time=MOMENT + timedelta(hours=hour / 2))
            await work.projection.log([requested, late])
    async with unit_of_work() as work:
        log = work.event_log
        for hour in (-1, 0, 7, 39, 50):
            wanted = MOMENT + timedelta(hours=hour)
            page = await told_of(log, await log.at(wanted))
            assert [e.time for e in page if e.type == kind] == [
                MOMENT + timedelta(hours=one) for one in range(max(hour, 0), 40)
            ]


async def test_a_log_without_events_has_every_moment(unit_of_work: OpenUnitOfWork) -> None:
    async with unit_of_work() as work:
        log = work.event_log
        assert await told_of(log, await log.at(MOMENT)) == []


async def test_the_log_is_read_in_windows_however_much_others_have_in_it(
    unit_of_work: OpenUnitOfWork,
) -> None:
    async with unit_of_work() as work:
        ready = "darkroom.media.ready.v1"
        mine = [a_line("started"), a_line("ready")._replace(type=ready)]
        others = [a_line(f"other{n}")._replace(tenant="other") for n in range(8)]
        await work.projection.log([*others[:4], *mine, *others[4:]])
    async with unit_of_work() as work:
        log, reached, found, windows = work.event_log, BEGINNING, list[int](), 0
        full = True
        while full:
            seqs, reached, full = await log.find_window(reached, "default", {"media.ready"}, 3)
            found, windows = found + seqs, windows + 1
        assert [entry.type for entry in await log.list_entries(found)] == [ready]
        assert windows == 4
        assert (await log.find_window(reached, "default")).reached == reached


async def test_what_is_forgotten_leaves_the_last_of_its_places(
    unit_of_work: OpenUnitOfWork,
) -> None:
    job = await ended(unit_of_work)
    async with unit_of_work() as work:
        assert await work.event_log.find_floor(job.tenant) is None
    await delete(unit_of_work, job.id)
    for name in ("deleted", "again"):
        async with unit_of_work() as work:
            await work.projection.log([a_line(name)._replace(job_id=job.id, tenant=job.tenant)])
    async with unit_of_work() as work:
        last = (await told_of(work.event_log, BEGINNING, job.tenant))[-1]
        assert await work.deletions.purge(NOW, 10) == 1
    async with unit_of_work() as work:
        assert await work.event_log.find_floor(job.tenant) == last.position
        assert await work.event_log.find_floor("other") is None


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
    hearing = asyncio.create_task(_until_final(stream.events))
    job_id = (await client.post("/v1/media", json=REQUEST)).json()["id"]
    await neighbours.say(a_media_ready(job_id=job_id))
    assert [str(event.job_id) for event in await hearing] == [job_id] * 2
    stream.close()


async def _until_final(events: AsyncIterator[LiveEvent | LogPosition]) -> list[LiveEvent]:
    heard: list[LiveEvent] = []
    async for event in events:
        if isinstance(event, LiveEvent):
            heard.append(event)
            if event.final:
                break
    return heard
