"""Following a job: by its events where they come, and by asking again where they do not."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.client import ApiGoneError, ApiUnavailableError, DarkroomClient, Job, StillRunningError
from shared.client import events as listening
from shared.client import following as module
from tests.unit.client.fake_api import FakeApi

OPENING = "retry: 1000\nid: a\n\n"
HEARTBEAT = ": still here\nid: a\n\n"
SOON = timedelta(seconds=10)


def said(name: str, place: str | None = None, **data: Any) -> str:
    at = f"id: {place}\n" if place else ""
    return f"{at}event: media.{name}\ndata: {json.dumps({'data': data})}\n\n"


def stream(*parts: str, then: Callable[[], None] | None = None) -> httpx.Response:
    """A stream that comes in parts; `then` happens at its end, or it stays open."""

    async def content() -> AsyncIterator[bytes]:
        for part in parts:
            yield part.encode()
        if then is None:
            await asyncio.sleep(60)
        else:
            then()

    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=content())


def cut() -> None:
    raise httpx.ReadError("the api was restarted")


def ended() -> None:
    """As it should."""


class Api:
    """Answers what it is told to: jobs and streams, one a call; the last job again and again."""

    def __init__(self, jobs: list[str], *streams: httpx.Response | Exception) -> None:
        self.jobs = jobs
        self.streams = list(streams)
        self.looks = 0
        self.resumed: list[str | None] = []
        self.job = FakeApi().a_job({"generator": "card"})

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            self.resumed.append(request.headers.get("last-event-id"))
            found = self.streams.pop(0)
            if isinstance(found, Exception):
                raise found
            return found
        self.looks += 1
        status = self.jobs.pop(0) if len(self.jobs) > 1 else self.jobs[0]
        if status == "away":
            raise httpx.ConnectError("away", request=request)
        if status == "gone":
            return httpx.Response(410, json={"title": "Gone", "status": 410, "code": "gone"})
        return httpx.Response(200, json={**self.job, "status": status})

    async def followed(self, limit: timedelta = SOON) -> list[Job]:
        async with self.client() as darkroom:
            return [job async for job in darkroom.follow(self.job["id"], limit)]

    def client(self) -> DarkroomClient:
        return DarkroomClient("http://api", transport=httpx.MockTransport(self.answer), tries=1)


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(listening, "LONGEST_PAUSE", 0.0)
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.0)


async def test_a_job_is_looked_at_where_an_event_says_that_it_has_changed() -> None:
    happened = [
        said("requested", "b"),
        said("started", "c"),
        said("progressed", percent=40.0, message="Painting"),
        HEARTBEAT,
        said("ready", "d"),
    ]
    api = Api(["queued", "running", "ready"], stream(OPENING, *happened, then=ended))

    steps = await api.followed()

    assert [job.status for job in steps] == ["queued", "running", "running", "ready"]
    assert steps[2].progress is not None
    assert (steps[2].progress.percent, steps[2].progress.message) == (40.0, "Painting")
    assert (api.looks, api.resumed) == (3, [None])


async def test_who_only_waits_looks_at_the_end() -> None:
    happened = [said("started", "c"), said("progressed", percent=1.0), said("ready", "d")]
    api = Api(["queued", "ready"], stream(OPENING, *happened, then=ended))

    async with api.client() as darkroom:
        assert (await darkroom.wait(api.job["id"], SOON)).status == "ready"

    assert api.looks == 2


async def test_what_has_ended_needs_no_stream() -> None:
    api = Api(["ready"])

    assert [job.status for job in await api.followed()] == ["ready"]


async def test_a_restart_of_the_api_is_lived_through() -> None:
    api = Api(
        ["queued", "away", "running", "away", "ready"],
        stream(OPENING, said("started", "b"), then=cut),
        httpx.ConnectError("away"),
        stream(OPENING.replace("a", "b"), said("ready", "c"), then=ended),
    )

    steps = await api.followed()

    assert [job.status for job in steps] == ["queued", "running", "ready"]
    assert api.resumed == [None, "b", "b"]


TOO_MANY = httpx.Response(
    429, json={"title": "Too many", "status": 429, "code": "too_many_listeners"}
)
NOT_A_STREAM = httpx.Response(200, text="<html>", headers={"content-type": "text/html"})
UNKNOWN = httpx.Response(404, json={"detail": "Not Found"})


@pytest.mark.parametrize("refusal", [TOO_MANY, NOT_A_STREAM, UNKNOWN])
async def test_without_a_stream_the_job_is_asked_for_again(refusal: httpx.Response) -> None:
    api = Api(["queued", "running", "running", "ready"], refusal)

    assert [job.status for job in await api.followed()] == ["queued", "running", "ready"]
    assert len(api.resumed) == 1


async def test_a_stream_that_a_proxy_keeps_back_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "FIRST_WORD", 0.01)
    api = Api(["queued", "ready"], stream())

    assert [job.status for job in await api.followed()] == ["queued", "ready"]


async def test_a_stream_that_falls_silent_when_it_is_resumed_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "FIRST_WORD", 0.01)
    cut_off = stream(OPENING, then=cut)
    api = Api(["queued", "ready"], cut_off, stream(), stream(OPENING, said("ready"), then=ended))

    assert [job.status for job in await api.followed()] == ["queued", "ready"]
    assert len(api.resumed) == 3


async def test_an_end_that_is_not_told_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_ANYWAY", 0.0)
    api = Api(["queued", "ready"], stream(OPENING, HEARTBEAT, HEARTBEAT))

    assert [job.status for job in await api.followed()] == ["queued", "ready"]


async def test_a_stream_that_ends_too_soon_is_not_believed() -> None:
    api = Api(["queued", "running", "ready"], httpx.Response(204))

    assert [job.status for job in await api.followed()] == ["queued", "running", "ready"]


@pytest.mark.parametrize("refusal", [stream(OPENING), TOO_MANY])
async def test_the_time_is_over_and_the_job_goes_on(refusal: httpx.Response) -> None:
    api = Api(["running"], refusal)

    with pytest.raises(StillRunningError, match=r"is still running after 0\.05 s"):
        await api.followed(timedelta(seconds=0.05))


async def test_a_job_that_is_deleted_meanwhile_is_gone() -> None:
    api = Api(["running", "gone"], stream(OPENING, said("deleted", "b"), then=ended))

    with pytest.raises(ApiGoneError):
        await api.followed()


async def test_an_api_that_stays_away_is_said_to_be_so() -> None:
    api = Api(["running", "away"], stream(OPENING, said("started", "b"), then=ended))

    with pytest.raises(ApiUnavailableError):
        await api.followed(timedelta(seconds=0.2))
