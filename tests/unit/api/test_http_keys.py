"""The routes about keys."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.api.models import Scope
from services.api.routes import http_app
from services.api.service import ApiServices
from tests.unit.api.guarded import a_key, bearer

ALL = [scope.value for scope in Scope]


@pytest.fixture
async def client(services: ApiServices) -> AsyncIterator[httpx.AsyncClient]:
    services.key_ring.start()
    app = http_app(services, keys_needed=True)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client
    await services.key_ring.stop()


@pytest.fixture
async def operator(client: httpx.AsyncClient, services: ApiServices) -> dict[str, str]:
    return (await a_key(services, tenant="default"))[1]


@pytest.fixture
async def shop(client: httpx.AsyncClient, services: ApiServices) -> dict[str, str]:
    return (await a_key(services, Scope.KEYS, Scope.MEDIA_READ, tenant="shop"))[1]


async def made(client: httpx.AsyncClient, header: dict[str, str], **wanted: Any) -> dict[str, Any]:
    answer = await client.post(
        "/v1/keys", json={"name": "app", "scopes": ["media:read"], **wanted}, headers=header
    )
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_key_is_shown_once_and_works(
    client: httpx.AsyncClient, shop: dict[str, str]
) -> None:
    answer = await client.post(
        "/v1/keys",
        json={"name": "app", "scopes": ["media:read"], "expires_in": 3600},
        headers=shop,
    )

    shown = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert set(shown) == {
        "id", "name", "tenant", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at",
        "broker_user", "key",
    }  # fmt: skip
    assert (shown["tenant"], shown["scopes"]) == ("shop", ["media:read"])
    assert (await client.get("/v1/media", headers=bearer(shown["key"]))).status_code == 200
    one = await client.get(f"/v1/keys/{shown['id']}", headers=shop)
    assert one.json() == {name: shown[name] for name in shown if name != "key"}


async def test_a_revoked_key_stays_in_the_list(
    client: httpx.AsyncClient, shop: dict[str, str]
) -> None:
    shown = await made(client, shop)

    for _ in range(2):
        answer = await client.delete(f"/v1/keys/{shown['id']}", headers=shop)
        assert (answer.status_code, answer.content) == (204, b"")

    listed = (await client.get("/v1/keys", headers=shop)).json()["items"]
    assert listed[0]["id"] == shown["id"]
    assert listed[0]["revoked_at"] is not None
    assert (await client.get("/v1/media", headers=bearer(shown["key"]))).status_code == 401


async def test_a_key_beyond_the_quota_says_what_to_do(
    client: httpx.AsyncClient, shop: dict[str, str], operator: dict[str, str]
) -> None:
    for _ in range(99):
        last = await made(client, shop)
    wanted = {"name": "app", "scopes": ["media:read"]}

    refused = await client.post("/v1/keys", json=wanted, headers=shop)
    await made(client, operator)
    await client.delete(f"/v1/keys/{last['id']}", headers=shop)
    await made(client, shop)

    told = refused.json()
    assert {name: told[name] for name in ("status", "code", "quota", "limit", "used")} == {
        "status": 409,
        "code": "quota_exceeded",
        "quota": "keys",
        "limit": 100,
        "used": 100,
    }
    assert "revoke one, or have DARKROOM_API_KEYS_PER_TENANT raised" in told["detail"]


async def test_tenants_see_their_own_keys(
    client: httpx.AsyncClient, shop: dict[str, str], operator: dict[str, str]
) -> None:
    theirs = await made(client, operator, tenant="rival")
    mine = await made(client, shop)

    assert {one["tenant"] for one in await listed(client, shop)} == {"shop"}
    assert {one["tenant"] for one in await listed(client, operator)} == {"shop", "rival", "default"}
    assert [one["id"] for one in await listed(client, operator, tenant="rival")] == [theirs["id"]]
    acting = operator | {"x-darkroom-tenant": "rival"}
    assert [one["id"] for one in await listed(client, acting)] == [theirs["id"]]
    for method in ("GET", "DELETE"):
        answer = await client.request(method, f"/v1/keys/{theirs['id']}", headers=shop)
        assert answer.status_code == 404
    other = await client.get("/v1/keys?tenant=rival", headers=shop)
    assert (other.status_code, other.json()["scope"]) == (403, "operate")
    assert (await client.delete(f"/v1/keys/{mine['id']}", headers=operator)).status_code == 204


async def listed(
    client: httpx.AsyncClient, header: dict[str, str], **query: str
) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        asked = {"limit": "2", **query} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/keys", params=asked, headers=header)).json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


async def test_a_key_of_a_broker_user_has_no_secret(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    shown = await made(client, operator, tenant="shop", broker_user="orders")

    assert "key" not in shown
    assert shown["broker_user"] == "orders"
    again = await client.post(
        "/v1/keys",
        json={"name": "x", "scopes": ["media:write"], "broker_user": "orders"},
        headers=operator,
    )
    assert (again.status_code, again.json()["code"]) == (409, "broker_user_taken")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scopes": ["media:read"]}, "/name"),
        ({"name": "a"}, "/scopes"),
        ({"name": "a", "scopes": []}, "/scopes"),
        ({"name": "a", "scopes": ["everything"]}, "/scopes/0"),
        ({"name": "", "scopes": ["keys"]}, "/name"),
        ({"name": "a\nb", "scopes": ["keys"]}, "/name"),
        ({"name": "a", "scopes": ["keys"], "expires_in": 0}, "/expires_in"),
        ({"name": "a", "scopes": ["keys"], "expires_in": 10**12}, "/expires_in"),
        ({"name": "a", "scopes": ["keys"], "tenant": "a b"}, "/tenant"),
        ({"name": "a", "scopes": ["keys"], "key": "mine"}, "/key"),
    ],
)
async def test_what_is_wrong_is_named(
    client: httpx.AsyncClient, operator: dict[str, str], body: dict[str, Any], pointer: str
) -> None:
    answer = await client.post("/v1/keys", json=body, headers=operator)

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


async def test_keys_are_for_those_with_the_scope(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    _, header = await a_key(services, Scope.MEDIA_READ)

    answer = await client.get("/v1/keys", headers=header)

    assert (answer.status_code, answer.json()["scope"]) == (403, "keys")
    assert (await client.get("/v1/keys/garbage", headers=header)).status_code == 403


async def test_garbage_is_no_key(client: httpx.AsyncClient, shop: dict[str, str]) -> None:
    answer = await client.get("/v1/keys/garbage", headers=shop)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
