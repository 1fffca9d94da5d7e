"""What every implementation of the keys' table promises: the one in memory, and Postgres."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.api.errors import BrokerUserTakenError, KeyNotFoundError
from services.api.models import ApiKey, Scope
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7

NOW = datetime.now(UTC)
LATER = NOW + timedelta(minutes=5)


def a_key(**changes: Any) -> ApiKey:
    scopes = frozenset({Scope.MEDIA_READ, Scope.KEYS})
    return replace(ApiKey(uuid7(), "shop", "app", scopes, NOW, hash=b"\x00\xff" * 16), **changes)


async def kept(unit_of_work: OpenUnitOfWork, **changes: Any) -> ApiKey:
    key = a_key(**changes)
    async with unit_of_work() as work:
        await work.keys.add(key)
    return key


async def test_a_key_comes_back_as_it_was(unit_of_work: OpenUnitOfWork) -> None:
    key = await kept(unit_of_work, expires_at=LATER, name="Ünïcödé 🎴")

    async with unit_of_work() as work:
        assert await work.keys.get("shop", key.id) == key
        assert await work.keys.get(None, key.id) == key
        assert await work.keys.list_current([key.id, uuid7()]) == [key]


async def test_others_keys_are_not_there(unit_of_work: OpenUnitOfWork) -> None:
    key = await kept(unit_of_work)

    async with unit_of_work() as work:
        with pytest.raises(KeyNotFoundError):
            await work.keys.get("rival", key.id)
        with pytest.raises(KeyNotFoundError):
            await work.keys.revoke("rival", key.id, NOW)
        assert await work.keys.list_by_tenant("rival", 10) == []
        assert (await work.keys.get("shop", key.id)).revoked_at is None


async def test_keys_are_listed_by_pages(unit_of_work: OpenUnitOfWork) -> None:
    keys = [await kept(unit_of_work) for _ in range(3)]
    other = await kept(unit_of_work, tenant="rival")

    async with unit_of_work() as work:
        first = await work.keys.list_by_tenant("shop", 2)
        rest = await work.keys.list_by_tenant("shop", 2, first[-1].id)
        everybodys = await work.keys.list_by_tenant(None, 10)

    assert first + rest == keys[::-1]
    assert everybodys == [other, *keys[::-1]]


async def test_a_revocation_keeps_its_first_moment(unit_of_work: OpenUnitOfWork) -> None:
    key = await kept(unit_of_work)

    async with unit_of_work() as work:
        await work.keys.revoke("shop", key.id, NOW)
        await work.keys.revoke(None, key.id, LATER)

        assert (await work.keys.get("shop", key.id)).revoked_at == NOW
        assert [one.id for one in await work.keys.list_current([key.id])] == [key.id]


async def test_a_broker_user_has_one_key_that_counts(unit_of_work: OpenUnitOfWork) -> None:
    first = await kept(unit_of_work, hash=None, broker_user="orders")
    with pytest.raises(BrokerUserTakenError):
        await kept(unit_of_work, hash=None, broker_user="orders", tenant="rival")
    async with unit_of_work() as work:
        assert await work.keys.list_current([], ["orders", "others"]) == [first]
        await work.keys.revoke("shop", first.id, NOW)
        assert await work.keys.list_current([], ["orders"]) == []

    second = await kept(unit_of_work, hash=None, broker_user="orders")

    async with unit_of_work() as work:
        assert await work.keys.list_current([], ["orders"]) == [second]


async def test_keys_that_were_revoked_or_have_expired_are_not_counted(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await kept(unit_of_work)
    await kept(unit_of_work, expires_at=LATER)
    await kept(unit_of_work, expires_at=NOW)
    await kept(unit_of_work, revoked_at=NOW)
    await kept(unit_of_work, tenant="rival")

    async with unit_of_work() as work:
        assert await work.keys.count_alone("shop", NOW) == 2
        assert await work.keys.count_alone("shop", LATER) == 1


async def test_keys_are_forgotten_some_time_after_their_end(unit_of_work: OpenUnitOfWork) -> None:
    await kept(unit_of_work, revoked_at=NOW)
    await kept(unit_of_work, expires_at=NOW)
    await kept(unit_of_work, expires_at=NOW, revoked_at=LATER, tenant="rival")
    left = [
        await kept(unit_of_work),
        await kept(unit_of_work, revoked_at=LATER),
        await kept(unit_of_work, expires_at=LATER),
    ]

    async with unit_of_work() as work:
        forgotten = [await work.keys.purge(LATER, 2) for _ in range(3)]

        assert forgotten == [2, 1, 0]
        assert await work.keys.list_by_tenant(None, 10) == left[::-1]


async def test_use_is_noted_and_never_earlier_than_before(unit_of_work: OpenUnitOfWork) -> None:
    used, other = await kept(unit_of_work), await kept(unit_of_work)

    async with unit_of_work() as work:
        await work.keys.note_use([used.id], LATER)
        await work.keys.note_use([used.id], NOW)

        assert (await work.keys.get("shop", used.id)).last_used_at == LATER
        assert (await work.keys.get("shop", other.id)).last_used_at is None
