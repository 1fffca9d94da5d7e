"""Streams of events: from the log first, then as they come, each once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import orjson
import pytest

from services.api.errors import TooManyListenersError
from services.api.models.event_log import BEGINNING, LogPosition
from services.api.routes.event_stream import id_of_position, position_of_id, written
from services.api.service import ApiServices, event_hub
from services.api.service.event_follower import EventFollower
from services.api.service.event_hub import EventHub
from services.api.service.listening import ListeningService, Streaming
from services.api.service.live_events import MOST_BEHIND, Listener, LiveEvent, Wanted
from services.api.service.projection import ReceivedEvent
from services.api.service.waiting import JobWaiters
from shared.clock import uuid7
from shared.events import Message, encode
from shared.testing import MOMENT, a_media_ready, a_media_started, an_event
from tests.unit.api.builders import CARD
from tests.unit.api.fakes import FakeDatabase

REQUEST = {"generator": "card", "input": CARD}


async def a_request(client: httpx.AsyncClient) -> str:
    return str((await client.post("/v1/media", json=REQUEST)).json()["id"])


async def told(services: ApiServices, *data: Message) -> None:
    events = [an_event(one) for one in data]
    await services.projection.apply([ReceivedEvent(one, encode(one).decode()) for one in events])


def fields(stream: str, name: str) -> list[str]:
    start = f"{name}: "
    return [line[len(start) :] for line in stream.splitlines() if line.startswith(start)]


async def heard_of_all(services: ApiServices, after: str) -> bytes:
    """What stands in the log behind it, as it is sent."""
    stream = await services.listening.listen_to_all(Wanted("default"), position_of_id(after))
    event = await following(stream.events)
    stream.close()
    return written(event)


async def following(events: AsyncIterator[LiveEvent | LogPosition]) -> LiveEvent:
    """The next that is no heartbeat."""
    async for event in events:
        if isinstance(event, LiveEvent):
            return event
    raise AssertionError("the stream has ended")


async def test_a_stream_tells_a_job_from_its_beginning_to_its_end(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    job_id = await a_request(client)
    await told(services, a_media_started(job_id=job_id), a_media_ready(job_id=job_id))
    answer = await client.get(f"/v1/media/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert fields(answer.text, "event") == ["media.requested", "media.started", "media.ready"]
    bodies = [orjson.loads(body) for body in fields(answer.text, "data")]
    assert {body["subject"] for body in bodies} == {job_id}


async def test_a_stream_is_resumed_behind_any_event_and_not_begun_behind_the_last(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    job_id = await a_request(client)
    await told(services, a_media_ready(job_id=job_id))
    url = f"/v1/media/{job_id}/events"
    _, first, last = fields((await client.get(url)).text, "id")
    resumed = await client.get(url, headers={"Last-Event-ID": first})
    assert fields(resumed.text, "event") == ["media.ready"]
    assert (await client.get(url, params={"last_event_id": last})).status_code == 204


@pytest.mark.parametrize("said", ["nonsense", "x", "____", id_of_position(LogPosition(99, 99))])
async def test_a_position_that_was_never_told_is_refused(
    client: httpx.AsyncClient, said: str
) -> None:
    job_id = await a_request(client)
    for url in ("/v1/events", f"/v1/media/{job_id}/events"):
        answer = await client.get(url, headers={"Last-Event-ID": said})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_position")


async def test_who_resumes_before_what_is_forgotten_is_told_so(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    job_id = await a_request(client)
    await told(services, a_media_ready(job_id=job_id))
    last = fields((await client.get(f"/v1/media/{job_id}/events")).text, "id")[-1]
    await client.delete(f"/v1/media/{job_id}")
    later = fields((await heard_of_all(services, last)).decode(), "id")[-1]
    async with database.unit_of_work() as work:
        assert await work.deletions.purge(datetime.max.replace(tzinfo=UTC), 10) == 1
    answer = await client.get("/v1/events", headers={"Last-Event-ID": last})
    assert (answer.status_code, answer.json()["code"]) == (410, "events_gone")
    assert "begin anew" in answer.json()["detail"]
    stream = await services.listening.listen_to_all(Wanted("default"), position_of_id(later))
    stream.close()


async def test_what_happened_since_a_moment_is_told(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    job_id = await a_request(client)
    await told(services, a_media_ready(job_id=job_id))
    url = f"/v1/media/{job_id}/events"
    all_of_it = [orjson.loads(body) for body in fields((await client.get(url)).text, "data")]
    last = all_of_it[-1]["time"]
    told_of = await client.get(url, params={"since": last})
    assert fields(told_of.text, "data")[-1] == orjson.dumps(all_of_it[-1]).decode()
    assert (await client.get(url, params={"since": "2999-01-01T00:00:00Z"})).status_code == 204
    assert (await client.get(url, params={"since": "yesterday"})).status_code == 422
    early = Wanted("default", since=datetime(2020, 1, 1, tzinfo=UTC))
    stream = await services.listening.listen_to_all(early, None)
    assert (await following(stream.events)).type == "darkroom.media.requested.v1"
    stream.close()


async def test_nobody_listens_to_a_job_that_is_not_there(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/v1/media/{uuid7()}/events")).status_code == 404


async def test_what_comes_late_is_not_told_behind_what_came_after_it(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    job_id = await a_request(client)
    await told(services, a_media_ready(job_id=job_id))
    await told(services, a_media_started(job_id=job_id))
    stream = (await client.get(f"/v1/media/{job_id}/events")).text
    assert fields(stream, "event") == ["media.requested", "media.ready"]


async def test_a_listener_hears_what_comes_once_and_only_what_it_wants(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    wanted = Wanted("default", types=frozenset({"media.ready"}))
    stream = await services.listening.listen_to_all(wanted, None)
    hearing = asyncio.create_task(following(stream.events))
    await asyncio.sleep(0)
    job_id = await a_request(client)
    await told(services, a_media_started(job_id=job_id), a_media_ready(job_id=job_id))
    await services.follower.look()
    event = await hearing
    assert (str(event.job_id), event.final) == (job_id, True)
    services.hub.close()
    with pytest.raises(AssertionError, match="ended"):
        await following(stream.events)
    stream.close()
    assert services.hub.empty
    await services.follower.look()


async def test_who_waits_is_woken_by_what_another_process_has_written(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    job_id, waiters = await a_request(client), JobWaiters()
    other = EventFollower(database.unit_of_work, EventHub(), waiters)
    with waiters.watch(UUID(job_id)) as ended:
        await other.look()
        await told(services, a_media_started(job_id=job_id))
        await other.look()
        assert not ended.is_set()
        await told(services, a_media_ready(job_id=job_id))
        await other.look()
        assert ended.is_set()


async def test_who_listens_to_a_job_is_told_at_once_and_not_at_the_next_look(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    woken: list[str] = []
    services.follower.wake = lambda: woken.append("now")
    quiet, heard = await a_request(client), await a_request(client)
    stream = await services.listening.listen_to_job(Wanted("default", UUID(heard)), None)
    assert stream is not None
    await told(services, a_media_started(job_id=quiet))
    assert woken == []
    await told(services, a_media_started(job_id=heard))
    assert woken == ["now"]
    stream.close()


def a_live_event(position: LogPosition | None = BEGINNING, **changes: object) -> LiveEvent:
    kind, body = "darkroom.media.progressed.v1", '{\n"a": 1}'
    event = LiveEvent(position, uuid7(), "default", kind, "card", MOMENT, body)
    return event._replace(**changes)  # type: ignore[arg-type]


def test_progress_has_no_place_and_every_line_is_data() -> None:
    assert written(a_live_event(None)) == b'event: media.progressed\ndata: {\ndata: "a": 1}\n\n'


def test_only_line_ends_of_streams_end_a_line() -> None:
    said = written(a_live_event(None, body='{"a": "b\u2028c\u0085d"}'))
    assert said == 'event: media.progressed\ndata: {"a": "b\u2028c\u0085d"}\n\n'.encode()


def a_listener(hub: EventHub, wanted: Wanted) -> Listener:
    """One that has read the log."""
    listener = hub.add(wanted)
    listener.begin_reading()
    listener.end_reading()
    return listener


async def test_progress_is_told_four_times_a_second_at_most() -> None:
    hub, event = EventHub(), a_live_event(None)
    hub.progress(event)
    listener = a_listener(hub, Wanted("default", event.job_id))
    for _ in range(10):
        hub.progress(event)
    assert len(listener.take()) == 1
    hub.remove(listener)
    assert hub.empty


async def test_who_falls_behind_is_let_go_and_nobody_else() -> None:
    hub = EventHub()
    slow, quick = a_listener(hub, Wanted("default")), a_listener(hub, Wanted("default"))
    for number in range(MOST_BEHIND + 1):
        hub.publish(a_live_event(LogPosition(1, number)))
        assert len(quick.take()) == 1
    assert slow.closed
    assert not quick.closed


async def test_a_tenant_may_open_so_many_streams_and_hears_no_other_tenant() -> None:
    hub = EventHub(lambda _tenant: 1)
    mine, theirs = a_listener(hub, Wanted("mine")), a_listener(hub, Wanted("theirs"))
    with pytest.raises(TooManyListenersError):
        hub.add(Wanted("mine"))
    hub.publish(a_live_event(tenant="mine"))
    assert (len(mine.take()), len(theirs.take())) == (1, 0)


async def test_no_stream_is_opened_while_the_process_leaves() -> None:
    hub = EventHub()
    hub.close()
    assert hub.add(Wanted("default")).closed


async def test_who_reads_while_too_much_comes_reads_again(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    job_id = await a_request(client)
    early = Wanted("default", since=datetime(2020, 1, 1, tzinfo=UTC))
    stream = await services.listening.listen_to_all(early, None)
    assert (await following(stream.events)).type == "darkroom.media.requested.v1"
    for number in range(MOST_BEHIND + 1):
        services.hub.publish(a_live_event(LogPosition(0, number)))
    assert (stream.listener.behind, stream.listener.closed) == (True, False)
    await told(services, a_media_ready(job_id=job_id))
    assert (await following(stream.events)).final
    stream.close()
    stream.close()
    assert services.hub.empty


async def test_a_stream_lasts_for_a_time_and_is_resumed_where_it_was(
    services: ApiServices,
) -> None:
    quick = Streaming(heartbeat=timedelta(seconds=0.01), longest=timedelta(seconds=0.05))
    listening = ListeningService(
        services.listening._unit_of_work, services.hub, services.follower, quick
    )
    stream = await listening.listen_to_all(Wanted("default"), None)
    places = [place async for place in stream.events]
    assert places
    assert all(isinstance(place, LogPosition) and place >= stream.position for place in places)
    stream.close()


async def test_a_listener_to_a_job_hears_its_end_live(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    job_id = await a_request(client)
    stream = await services.listening.listen_to_job(Wanted("default", UUID(job_id)), None)
    assert stream is not None
    assert not (await following(stream.events)).final
    hearing = asyncio.create_task(following(stream.events))
    await asyncio.sleep(0.01)
    services.hub.progress(a_live_event(None, job_id=UUID(job_id)))
    assert (await hearing).position is None
    await told(services, a_media_ready(job_id=job_id))
    await services.follower.look()
    assert (await following(stream.events)).final
    with pytest.raises(AssertionError, match="ended"):
        await following(stream.events)
    stream.close()


async def test_of_the_many_whose_progress_was_told_few_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_hub, "_MOST_REMEMBERED", 1)
    hub = EventHub(lambda _tenant: 5)
    listener = a_listener(hub, Wanted("default"))
    for _ in range(3):
        hub.progress(a_live_event(None, job_id=uuid7()))
    assert len(listener.take()) == 3
