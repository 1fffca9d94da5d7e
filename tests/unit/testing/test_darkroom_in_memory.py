"""The in-memory Darkroom does what the real one does; tests/e2e asks that one the same."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import jsonschema
import pytest
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.client import (
    ApiConflictError,
    InvalidRequestError,
    NoContentError,
    NotMadeError,
    SyncDarkroomClient,
)
from shared.events import CloudEvent, MediaReady, decode, encode
from shared.testing import eventually_sync
from shared.testing.in_memory import DarkroomInMemory, MadeFile
from shared.testing.in_memory.darkroom import URL
from shared.testing.in_memory.refusals import AlreadyFinalError
from shared.testing.webhook_receiver import WebhookReceiver
from tests.conformance.darkroom import CARD, NOBODY, DarkroomConformance

OPENAPI = Path(__file__).parents[3] / "docs/openapi.json"


class TestDarkroomInMemory(DarkroomConformance):
    """Without servers."""

    @pytest.fixture
    def client(self) -> Iterator[SyncDarkroomClient]:
        darkroom = DarkroomInMemory()
        darkroom.will_fail("flaky", "it was told to fail")
        with darkroom.sync_client() as client:
            yield client


def types_of(darkroom: DarkroomInMemory) -> list[str]:
    return [event.type.removeprefix("darkroom.media.") for event in darkroom.events]


@pytest.fixture
def darkroom() -> DarkroomInMemory:
    return DarkroomInMemory(step_by_step=True)


@pytest.fixture
def client(darkroom: DarkroomInMemory) -> Iterator[SyncDarkroomClient]:
    with darkroom.sync_client() as client:
        yield client


def test_a_job_goes_step_by_step(darkroom: DarkroomInMemory, client: SyncDarkroomClient) -> None:
    job = client.request("card", CARD)
    darkroom.start(job.id)
    darkroom.progress(job.id, 40, "drawing")
    running = client.get(job.id)
    darkroom.stumble(job.id, "the worker was lost")
    retrying = client.get(job.id)
    darkroom.start(job.id)
    darkroom.finish(job.id, MadeFile(b"GIF89a", "image/gif"), MadeFile(b"1", role="captions"))
    ready = client.get(job.id)

    assert running.progress is not None
    assert (running.status, running.progress.percent) == ("running", 40)
    assert retrying.status == "retrying"
    assert [attempt.outcome for attempt in ready.attempts] == ["failed", "succeeded"]
    assert [asset.role for asset in ready.assets] == ["primary", "captions"]
    assert types_of(darkroom) == [
        "requested.v1",
        "started.v1",
        "progressed.v1",
        "retrying.v1",
        "started.v1",
        "generated.v1",
        "ready.v1",
    ]
    assert len({event.id for event in darkroom.events}) == 7


def test_who_waits_is_answered_at_the_step(
    darkroom: DarkroomInMemory, client: SyncDarkroomClient
) -> None:
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(client.make, "card", CARD)
        eventually_sync(lambda: darkroom.finish(next(iter(darkroom.jobs))))

        assert making.result(5).status == "ready"


def test_what_goes_on_is_not_there_yet(
    darkroom: DarkroomInMemory, client: SyncDarkroomClient, tmp_path: Path
) -> None:
    job = client.request("card", CARD)

    with pytest.raises(NoContentError):
        client.download(job, tmp_path / "it.png")
    with pytest.raises(ApiConflictError) as deleting:
        client.delete(job.id)
    with pytest.raises(ApiConflictError) as retrying:
        client.retry(job.id)
    assert deleting.value.problem.code == "still_running"
    assert retrying.value.problem.code == "not_final"


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_job_is_canceled(
    darkroom: DarkroomInMemory, client: SyncDarkroomClient, status: str
) -> None:
    job = client.request("card", CARD)
    if status == "running":
        darkroom.start(job.id)

    assert client.cancel(job.id).status == "canceling"
    assert client.cancel(job.id).status == "canceled"
    assert types_of(darkroom)[-1] == "canceled.v1"
    with pytest.raises(AlreadyFinalError):
        darkroom.finish(job.id)


def test_other_ends(darkroom: DarkroomInMemory, client: SyncDarkroomClient) -> None:
    late = client.request("card", CARD, deadline_seconds=5)
    bad = client.request("card", CARD)
    darkroom.expire(late.id)
    darkroom.fail(bad.id, "no font", code="invalid_input")

    assert client.get(late.id).status == "expired"
    error = client.get(bad.id).error
    assert error is not None
    assert (error.code, error.message) == ("invalid_input", "no font")
    client.delete(bad.id)
    assert types_of(darkroom)[-1] == "deleted.v1"


async def test_results_are_planned(tmp_path: Path) -> None:
    darkroom = DarkroomInMemory()
    darkroom.knows("logo", {"type": "object", "required": ["name"]}, version="2.0.0")
    darkroom.will_make("logo", MadeFile(b"<svg/>", "image/svg+xml", width=10, height=20))
    darkroom.will_fail("logo", "no such font", times=2)

    async with darkroom.client() as client:
        for _ in range(2):
            with pytest.raises(NotMadeError, match="no such font"):
                await client.make("logo", {"name": "Teapots"})
        job = await client.make("logo", {"name": "Teapots"})
        path = await client.download(job, tmp_path / "logo.svg")
        with pytest.raises(InvalidRequestError):
            await client.make("logo", {})
        assert (await client.generator("logo")).version == "2.0.0"

    assert path.read_bytes() == b"<svg/>"
    assert job.primary is not None
    assert (job.primary.width, job.primary.height) == (10, 20)
    assert [spec.input for spec in darkroom.requests] == [{"name": "Teapots"}] * 3


async def test_listeners_hear_what_they_want() -> None:
    darkroom, heard = DarkroomInMemory(), list[CloudEvent]()
    everything = list[CloudEvent]()
    darkroom.listen(heard.append, "media.ready")
    darkroom.listen(everything.append)

    async with darkroom.client() as client:
        job = await client.make("card", CARD, metadata={"product": 7})

    [ready] = heard
    assert isinstance(ready.data, MediaReady)
    assert (ready.subject, ready.data.metadata) == (str(job.id), {"product": 7})
    assert decode(encode(ready)) == ready
    assert everything == darkroom.events


async def test_what_a_listener_raises_is_seen() -> None:
    def broken(_: CloudEvent) -> None:
        raise LookupError("my own mistake")

    darkroom = DarkroomInMemory()
    darkroom.listen(broken, "media.ready")

    async with darkroom.client() as client:
        with pytest.raises(LookupError):
            await client.make("card", CARD)


async def test_webhooks_are_called_when_told_and_again_when_refused() -> None:
    darkroom = DarkroomInMemory()
    with WebhookReceiver(darkroom.webhook_secret) as receiver:
        receiver.fail(1, 503)
        darkroom.add_webhook("http://127.0.0.1:1/never", "media.failed")
        async with darkroom.client() as client:
            await client.make("card", CARD, webhook={"url": receiver.url})
        assert [call.event_type for call in darkroom.webhooks] == ["darkroom.media.ready.v1"]
        statuses = [
            [answer.status_code for answer in await darkroom.deliver_webhooks()] for _ in range(3)
        ]

    assert statuses == [[503], [204], []]
    assert [call.id for call in receiver.calls] == [darkroom.events[-1].id] * 2
    assert list(receiver.events.values()) == [darkroom.events[-1]]
    assert receiver.refused == []


def test_webhooks_can_be_given_to_ones_own_test_client() -> None:
    darkroom = DarkroomInMemory()
    darkroom.add_webhook("https://shop.example/hooks")
    with darkroom.sync_client() as client:
        client.request("card", CARD)

    [call] = darkroom.webhooks
    Webhook(darkroom.webhook_secret).verify(call.body, call.headers)
    assert call.url == "https://shop.example/hooks"


async def test_jobs_are_shown_as_the_api_is_documented(darkroom: DarkroomInMemory) -> None:
    schemas = json.loads(OPENAPI.read_text())["components"]["schemas"]
    documented = {"$ref": "#/components/schemas/JobOut", "components": {"schemas": schemas}}
    async with httpx.AsyncClient(transport=darkroom.transport(), base_url=URL) as http:
        asked = {"generator": "card", "input": CARD, "expires_in": 3600, "deadline_seconds": 9}
        queued = (await http.post("/v1/media", json=asked)).json()
        darkroom.finish(queued["id"])
        ready = (await http.get(queued["urls"]["self"])).json()
        missing = await http.get(f"{ready['urls']['self']}/assets/7")

    for job in (queued, ready):
        jsonschema.validate(job, documented)
        assert job.keys() >= set(schemas["JobOut"]["required"])
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


def frames(text: str) -> list[dict[str, str]]:
    lines = [frame.splitlines() for frame in text.split("\n\n") if frame]
    return [dict(line.split(": ", 1) for line in frame) for frame in lines]


async def test_a_jobs_events_are_streamed_to_its_end(darkroom: DarkroomInMemory) -> None:
    async with httpx.AsyncClient(transport=darkroom.transport(), base_url=URL) as http:
        job = (await http.post("/v1/media", json={"generator": "card", "input": CARD})).json()
        await http.post("/v1/media", json={"generator": "card", "input": CARD})
        streaming = asyncio.create_task(http.get(f"/v1/media/{job['id']}/events"))
        darkroom.start(job["id"])
        darkroom.progress(job["id"], 40)
        await asyncio.sleep(0)
        darkroom.finish(job["id"])
        opening, *heard = frames((await streaming).text)
        place = {"Last-Event-ID": heard[1]["id"]}
        rest = await http.get(f"/v1/media/{job['id']}/events", headers=place)
        place = {"Last-Event-ID": heard[-1]["id"]}
        nothing = await http.get(f"/v1/media/{job['id']}/events", headers=place)
        missing = await http.get(f"/v1/media/{NOBODY}/events")

    types = [frame["event"].removeprefix("media.") for frame in heard]
    assert opening == {"retry": "1000", "id": "0"}
    assert types == ["requested", "started", "progressed", "ready"]
    assert ["id" in frame for frame in heard] == [True, True, False, True]
    assert json.loads(heard[-1]["data"])["id"] == darkroom.events[-1].id
    assert frames(rest.text)[1:] == heard[2:]
    assert (nothing.status_code, missing.status_code) == (204, 404)


async def test_all_events_are_streamed_from_now_on(darkroom: DarkroomInMemory) -> None:
    asked = {"generator": "card", "input": CARD}
    async with httpx.AsyncClient(transport=darkroom.transport(), base_url=URL) as http:
        await http.post("/v1/media", json=asked)
        wanted = {"types": "media.requested", "generator": "card"}
        async with http.stream("GET", "/v1/events", params=wanted) as stream:
            await http.post("/v1/media", json={"generator": "noop", "input": {}})
            job = (await http.post("/v1/media", json=asked)).json()
            lines = stream.aiter_lines()
            heard = [await anext(lines) for _ in range(6)]

    assert heard[4] == "event: media.requested"
    assert json.loads(heard[5].removeprefix("data: "))["subject"] == job["id"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"since": "yesterday"}, 422), ({"last_event_id": "7"}, 400), ({"last_event_id": "x"}, 400)],
)
async def test_what_cannot_be_streamed_is_refused(
    darkroom: DarkroomInMemory, asked: dict[str, str], status: int
) -> None:
    async with httpx.AsyncClient(transport=darkroom.transport(), base_url=URL) as http:
        assert (await http.get("/v1/events", params=asked)).status_code == status


async def test_who_follows_sees_each_step(darkroom: DarkroomInMemory) -> None:
    async with darkroom.client() as client:
        job = await client.request("card", CARD)
        seen: list[tuple[str, float | None]] = []
        async for step in client.follow(job.id):
            seen.append((step.status, step.progress.percent if step.progress else None))
            match seen[-1]:
                case ("queued", _):
                    darkroom.start(job.id)
                case ("running", None):
                    darkroom.progress(job.id, 40)
                case ("running", 40):
                    darkroom.finish(job.id)

    assert seen == [("queued", None), ("running", None), ("running", 40), ("ready", 100)]


async def test_an_application_in_this_process_is_called_back() -> None:
    async def hook(request: Request) -> Response:
        heard.append(decode(await request.body()).type)
        return Response(status_code=204)

    heard = list[str]()
    application = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    darkroom = DarkroomInMemory()
    darkroom.add_webhook("http://shop.test/hook")
    async with darkroom.client() as client:
        await client.make("card", CARD)

    [answer] = await darkroom.deliver_webhooks(httpx.ASGITransport(application))

    assert (answer.status_code, heard) == (204, ["darkroom.media.ready.v1"])
