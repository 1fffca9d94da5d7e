"""Limits over several processes of the api, on Postgres and RabbitMQ."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from services.api.app import ApiApp
from services.api.models import Rate
from services.api.settings import ApiSettings
from shared.client import DarkroomClient
from shared.events import MediaRejected
from shared.testing import a_media_request, eventually
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.builders import CARD

REQUEST = {"generator": "card", "input": CARD}
CSV = "/v1/uploads?filename=a.csv"


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    """Fifty jobs, of which hardly any comes back while a test runs; three uploads."""
    limits = {"jobs_rate": Rate(50, 360_000), "upload_limit_per_tenant": 3}
    return settings.model_copy(update=limits)


@pytest.fixture
async def elsewhere(
    settings: ApiSettings, client: httpx.AsyncClient
) -> AsyncIterator[httpx.AsyncClient]:
    """A second process of the api, which knows the generator too."""
    app = ApiApp(settings)
    await app.start()
    transport = httpx.ASGITransport(app=app.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as other:
        yield other
    await app.stop()


async def asked(client: httpx.AsyncClient, times: int) -> list[int]:
    answers = await asyncio.gather(*(client.post("/v1/media", json=REQUEST) for _ in range(times)))
    return [answer.status_code for answer in answers]


@pytest.mark.usefixtures("cards")
async def test_two_processes_accept_exactly_what_is_allowed(
    client: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    both = await asyncio.gather(asked(client, 60), asked(elsewhere, 60))

    assert Counter(status for one in both for status in one) == {202: 50, 429: 70}
    shown = (await client.get("/v1/limits")).json()
    assert shown["jobs"] == {"quota": 50, "seconds": 360_000, "left": 0}


@pytest.mark.usefixtures("cards")
async def test_what_waits_is_shown(client: httpx.AsyncClient, elsewhere: httpx.AsyncClient) -> None:
    await asyncio.gather(asked(client, 2), asked(elsewhere, 3))

    async def counted() -> None:
        assert (await client.get("/v1/limits")).json()["queued_jobs"]["used"] == 5

    await eventually(counted)


@pytest.mark.usefixtures("cards")
async def test_a_changed_limit_holds_at_once_in_the_other_process(
    client: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    assert Counter(await asked(elsewhere, 51)) == {202: 50, 429: 1}

    await client.put("/v1/limits/default", json={"jobs": {"quota": 52, "seconds": 360_000}})

    async def heard() -> None:
        assert await asked(elsewhere, 1) == [202]

    await eventually(heard, 3)
    assert Counter(await asked(elsewhere, 5)) == {202: 1, 429: 4}
    await client.delete("/v1/limits/default")
    assert (await client.get("/v1/limited-tenants")).json() == {"tenants": []}


@pytest.mark.usefixtures("cards")
async def test_a_command_beyond_the_limit_is_answered_like_a_request(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    answers = await neighbours.listen("media.rejected.#")
    assert Counter(await asked(client, 50)) == {202: 50}

    await neighbours.say(a_media_request())
    refused = await client.post("/v1/media", json=REQUEST)

    [rejected] = await neighbours.taken(answers)
    assert isinstance(rejected.data, MediaRejected)
    assert rejected.data.problem["code"] == refused.json()["code"] == "rate_limited"
    assert rejected.data.problem["policy"] == "jobs"


async def test_two_uploads_at_once_do_not_both_have_the_last_place(
    client: httpx.AsyncClient,
) -> None:
    answers = await asyncio.gather(
        *(client.post(CSV, content=f"a,b\n{nth},2\n".encode()) for nth in range(6))
    )

    assert Counter(answer.status_code for answer in answers) == {201: 3, 413: 3}


async def test_an_upload_that_is_sent_twice_at_once_is_one(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k"}
    answers = await asyncio.gather(
        *(client.post(CSV, content=b"a,b\n", headers=key) for _ in range(4))
    )
    other = await client.post(CSV, content=b"c,d\n", headers=key)

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert other.json()["code"] == "idempotency_key_reused"
    deleted = await client.delete(answers[0].headers["location"])
    gone = await client.post(CSV, content=b"a,b\n", headers=key)
    assert (deleted.status_code, gone.status_code) == (204, 410)


async def test_the_client_sees_and_sets_limits(app: ApiApp) -> None:
    transport = httpx.ASGITransport(app=app.asgi)
    async with DarkroomClient("http://api", transport=transport) as darkroom:
        own = await darkroom.limits.get()
        changed = await darkroom.limits.change("shop", requests=Rate(5, 10), uploads=None)
        tenants = await darkroom.limits.tenants()
        again = await darkroom.limits.change("shop", **changed.said, streams=7)
        await darkroom.limits.reset("shop")

        assert own.jobs is not None
        assert (own.tenant, own.jobs.rate, own.uploads.limit) == ("default", Rate(50, 360_000), 3)
        assert changed.said == {"requests": Rate(5, 10), "uploads": None}
        assert tenants == ("shop",)
        assert (again.streams.limit, again.exceptions) == (7, ("requests", "streams", "uploads"))
        assert (await darkroom.limits.get("shop")).exceptions == ()
