"""Making endpoints: once with one idempotency key, and no more than a tenant may have."""

import asyncio
from typing import Any

import pytest

from tests.backends.databases import execute, query
from tests.integration.notifier.webhook_room import Room

URL = "https://example.org/hook"


async def make(room: Room, key: str, status: int = 201, **more: Any) -> Any:
    headers = {"idempotency-key": key, "x-darkroom-tenant": more.pop("tenant", "default")}
    return await room.ask("POST", "/endpoints", status, json={"url": URL, **more}, headers=headers)


async def test_the_same_key_makes_one_endpoint_and_says_the_same(room: Room) -> None:
    made = await asyncio.gather(*(make(room, "once", description="Shop") for _ in range(5)))
    assert [one == made[0] for one in made] == [True] * 5
    assert len((await room.ask("GET", "/endpoints"))["items"]) == 1


async def test_the_same_key_for_something_else_is_refused(room: Room) -> None:
    await make(room, "once")
    problem = await make(room, "once", 422, ordered=True)
    assert problem["code"] == "idempotency_key_reused"
    await make(room, "twice", ordered=True)


async def test_keys_are_of_one_tenant(room: Room) -> None:
    mine, theirs = await make(room, "once"), await make(room, "once", tenant="theirs")
    assert mine["id"] != theirs["id"]


async def test_a_key_is_forgotten_after_a_day_and_with_its_endpoint(room: Room) -> None:
    first = await make(room, "once")
    execute(room.database, "UPDATE webhook_endpoint SET created_at = now() - interval '25 hours'")
    second = await make(room, "once")
    assert first["id"] != second["id"]
    await room.ask("DELETE", f"/endpoints/{second['id']}", 204)
    third = await make(room, "once")
    assert third["id"] != second["id"]
    [row] = query(room.database, "SELECT count(idempotency_key) AS keys FROM webhook_endpoint")
    assert row["keys"] == 1


async def test_what_was_changed_meanwhile_is_said_as_it_is(room: Room) -> None:
    made = await make(room, "once")
    path = f"/endpoints/{made['id']}"
    await room.ask("PATCH", path, json={"description": "Other"})
    secret = await room.ask("POST", f"{path}/rotate-secret")
    again = await make(room, "once")
    assert again == made | {"description": "Other", "secret": secret["secret"]}


@pytest.mark.parametrize("key", ["", " x", "x" * 256])
async def test_a_key_that_is_none_is_named(room: Room, key: str) -> None:
    problem = await make(room, key, 422)
    assert problem["errors"][0]["pointer"] == "/header/Idempotency-Key"


async def test_a_tenant_has_only_so_many_endpoints_though_it_asks_all_at_once(
    database: str,
) -> None:
    async with Room(database, webhook_endpoints_per_tenant=3) as room:
        answers = await asyncio.gather(
            *(room.http.post("/v1/webhooks/endpoints", json={"url": URL}) for _ in range(6))
        )
        refused = [one.json() for one in answers if one.status_code != 201]
        assert [one["code"] for one in refused] == ["quota_exceeded"] * 3
        assert {key: refused[0][key] for key in ("status", "quota", "limit", "used")} == {
            "status": 409,
            "quota": "webhook_endpoints",
            "limit": 3,
            "used": 3,
        }
        assert "remove one" in refused[0]["detail"]
        await make(room, "theirs", tenant="theirs")
        [first, *_] = (await room.ask("GET", "/endpoints"))["items"]
        await room.ask("DELETE", f"/endpoints/{first['id']}", 204)
        made = await make(room, "again")
        assert await make(room, "again") == made, "what is there is not counted twice"
