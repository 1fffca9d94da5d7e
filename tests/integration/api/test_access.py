"""Keys on real servers: what one process changes, the others hear."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest

from services.api.app import ApiApp
from services.api.repository.keys import CHANGED
from services.api.settings import ApiSettings
from shared.testing import eventually
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.guarded import FIRST_KEY, bearer

OPERATOR = bearer(FIRST_KEY)


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    return ApiSettings(
        **{
            **settings.model_dump(),
            "auth": "keys",
            "operator_key": FIRST_KEY,
            "notifier_token": "known-to-the-api-and-the-notifier",
        }
    )


@asynccontextmanager
async def a_process(settings: ApiSettings) -> AsyncIterator[httpx.AsyncClient]:
    app = ApiApp(settings)
    await app.start()
    transport = httpx.ASGITransport(app=app.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client
    await app.stop()


@pytest.fixture
async def here(settings: ApiSettings, neighbours: Neighbours) -> AsyncIterator[httpx.AsyncClient]:
    async with a_process(settings) as client:
        yield client


@pytest.fixture
async def there(settings: ApiSettings, neighbours: Neighbours) -> AsyncIterator[httpx.AsyncClient]:
    async with a_process(settings) as client:
        yield client


async def a_key(client: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    wanted = {"name": "app", "tenant": "shop", "scopes": ["media:read"]}
    shown = (await client.post("/v1/keys", json=wanted, headers=OPERATOR)).json()
    return shown["id"], bearer(shown["key"])


async def test_a_key_counts_at_once_everywhere_and_then_nowhere(
    here: httpx.AsyncClient, there: httpx.AsyncClient
) -> None:
    key_id, header = await a_key(here)
    assert (await there.get("/v1/media", headers=header)).status_code == 200

    await here.delete(f"/v1/keys/{key_id}", headers=OPERATOR)

    assert (await here.get("/v1/media", headers=header)).status_code == 401

    async def refused() -> None:
        assert (await there.get("/v1/media", headers=header)).status_code == 401

    await eventually(refused, timeout=1)


async def test_a_stream_elsewhere_ends_with_its_key(
    here: httpx.AsyncClient, there: httpx.AsyncClient
) -> None:
    key_id, header = await a_key(here)
    listening = asyncio.create_task(there.get("/v1/events", headers=header))

    async def used() -> None:
        shown = (await here.get(f"/v1/keys/{key_id}", headers=OPERATOR)).json()
        assert shown["last_used_at"] is not None

    await eventually(used, timeout=10)
    assert not listening.done()

    await here.delete(f"/v1/keys/{key_id}", headers=OPERATOR)

    async with asyncio.timeout(5):
        heard = await listening
    assert heard.status_code == 200
    assert heard.headers["content-type"].startswith("text/event-stream")


async def test_a_revocation_that_nobody_hears_of_is_found_by_looking(
    here: httpx.AsyncClient, there: httpx.AsyncClient, settings: ApiSettings
) -> None:
    _, header = await a_key(here)
    assert (await there.get("/v1/media", headers=header)).status_code == 200
    driver = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    await driver.execute("UPDATE api_key SET revoked_at = now()")  # and nothing is said
    await driver.close()

    async def refused() -> None:
        assert (await there.get("/v1/media", headers=header)).status_code == 401

    await eventually(refused, timeout=5)


async def test_listening_goes_on_after_its_connection_was_cut(
    here: httpx.AsyncClient, there: httpx.AsyncClient, settings: ApiSettings
) -> None:
    key_id, header = await a_key(here)
    assert (await there.get("/v1/media", headers=header)).status_code == 200
    driver = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    cut = await driver.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = current_database() AND query LIKE 'LISTEN %{CHANGED}%'"
    )
    await driver.close()
    assert len(cut) == 2

    await here.delete(f"/v1/keys/{key_id}", headers=OPERATOR)

    async def refused() -> None:
        assert (await there.get("/v1/media", headers=header)).status_code == 401

    await eventually(refused, timeout=5)


async def test_a_process_keeps_to_what_its_settings_say_of_keys(
    settings: ApiSettings, neighbours: Neighbours
) -> None:
    few = settings.model_copy(update={"keys_per_tenant": 1, "keys_kept_days": 3})
    async with a_process(settings) as client:
        old, _ = await a_key(client)
        new, _ = await a_key(client)
    driver = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    await driver.execute(
        "UPDATE api_key SET revoked_at = now() - make_interval(days => 4) WHERE id = $1", old
    )
    await driver.close()

    async with a_process(few) as client:
        wanted = {"name": "app", "tenant": "shop", "scopes": ["media:read"]}
        refused = await client.post("/v1/keys", json=wanted, headers=OPERATOR)
        assert (refused.status_code, refused.json()["code"]) == (409, "quota_exceeded")

        async def forgotten() -> None:
            listed = (await client.get("/v1/keys", headers=OPERATOR)).json()["items"]
            assert [one["id"] for one in listed] == [new]

        await eventually(forgotten, timeout=5)
