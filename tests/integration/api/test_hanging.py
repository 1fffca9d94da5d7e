"""While Postgres hangs every route says 503 soon, and afterwards nothing is half done."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from services.api.app import ApiApp
from services.api.service.catalogue import MISS_PAUSE
from services.api.settings import ApiSettings
from shared.clock import uuid7
from shared.testing import a_generator_announced, eventually
from tests.backends.databases import query
from tests.integration.api.neighbours import Neighbours
from tests.integration.database.proxy import PostgresProxy
from tests.unit.api.builders import CARD

REQUEST = {"generator": "card", "input": CARD}
SOON = 5.5 + 2
"""Seconds in which a 503 has to come, and what a busy machine may take on top."""


@pytest.fixture
async def proxy(settings: ApiSettings) -> AsyncIterator[PostgresProxy]:
    proxy = PostgresProxy(settings.database_url)
    await proxy.open()
    yield proxy
    await proxy.close()


@pytest.fixture
async def app(
    settings: ApiSettings, neighbours: Neighbours, proxy: PostgresProxy
) -> AsyncIterator[ApiApp]:
    """An api whose database is behind a network that can be frozen."""
    app = ApiApp(settings.model_copy(update={"database_url": proxy.url}))
    await app.start()
    yield app
    await app.stop()


async def timed(client: httpx.AsyncClient, method: str, path: str, body: object) -> httpx.Response:
    begun = time.monotonic()
    answer = await client.request(method, path, json=body)
    took = time.monotonic() - begun
    assert took < SOON, f"{method} {path} took {took:.1f} s"
    return answer


async def everything(client: httpx.AsyncClient) -> list[httpx.Response]:
    """One answer of each route that needs the database, asked at the same moment."""
    job, letter = f"/v1/media/{uuid7()}", f"/v1/dead-letters/{uuid7()}"
    calls: list[tuple[str, str, object]] = [
        ("POST", "/v1/media", REQUEST),
        ("POST", "/v1/media/batch", {"requests": [REQUEST] * 3}),
        ("GET", "/v1/media", None),
        ("GET", job, None),
        ("GET", f"{job}/content", None),
        ("POST", f"{job}/cancel", None),
        ("POST", f"{job}/retry", None),
        ("POST", "/v1/media", {"generator": "unknown", "input": {}}),
        ("GET", "/v1/generators/unknown", None),
        ("GET", "/v1/generators/unheard-of", None),
        ("POST", "/v1/generators/card/pause", None),
        ("GET", "/v1/dead-letters", None),
        ("GET", "/v1/dead-letters/groups", None),
        ("GET", letter, None),
        ("DELETE", letter, None),
        ("POST", f"{letter}/replay", None),
        ("POST", "/v1/dead-letters/replay", {"all": True}),
        ("POST", "/v1/dead-letters/purge", {"all": True}),
    ]
    return await asyncio.gather(*(timed(client, *call) for call in calls))


@pytest.mark.usefixtures("cards")
async def test_every_route_says_503_soon_and_accepts_again_afterwards(
    client: httpx.AsyncClient, proxy: PostgresProxy, settings: ApiSettings
) -> None:
    async def accepted() -> str:
        answer = await client.post("/v1/media", json=REQUEST)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    promised = {await accepted()}
    proxy.freeze()
    await asyncio.sleep(MISS_PAUSE)  # for that long a look into the catalogue is believed
    for answer in await everything(client):
        assert answer.status_code == 503, f"{answer.request.url}: {answer.text}"
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["code"] == "unavailable"
    proxy.thaw()
    promised.add(await eventually(accepted, 20))

    kept = query(settings.database_url, "SELECT id::text FROM job")
    assert {row["id"] for row in kept} == promised


@pytest.mark.usefixtures("cards")
async def test_what_was_accepted_is_answered_202_when_the_database_hangs_meanwhile(
    client: httpx.AsyncClient, proxy: PostgresProxy
) -> None:
    waiting = asyncio.create_task(
        client.post("/v1/media", json=REQUEST, headers={"Prefer": "wait=30"})
    )

    async def accepted() -> None:
        assert (await client.get("/v1/media")).json()["items"]

    await eventually(accepted)
    proxy.freeze()
    answer = await asyncio.wait_for(waiting, SOON + 1)
    proxy.thaw()

    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.headers["location"] == f"/v1/media/{answer.json()['id']}"


async def test_generators_are_known_without_the_database(
    client: httpx.AsyncClient, proxy: PostgresProxy, cards: None
) -> None:
    proxy.freeze()
    answer = await client.get("/v1/generators")
    proxy.thaw()

    assert [one["name"] for one in answer.json()["items"]] == [a_generator_announced().name]
