"""How much a tenant may keep of what it uploads, and uploads that are sent twice."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from services.api.models import TenantLimits
from services.api.service import ApiServices
from shared.testing import FixedClock
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem

ONE = b"a,b\n1,2\n"
OTHER = b"a,b\n3,4\n"


@pytest.fixture
def tenant_limits() -> TenantLimits:
    return TenantLimits(uploads=2, upload_bytes=20)


async def sent(
    client: httpx.AsyncClient, content: bytes = ONE, key: str | None = None
) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await client.post("/v1/uploads?filename=a.csv", content=content, headers=headers)


async def test_more_uploads_than_may_be_are_refused_until_one_is_deleted(
    client: httpx.AsyncClient,
) -> None:
    first, _ = await sent(client), await sent(client)

    refused = await sent(client)

    found = problem(refused, 413, "quota_exceeded")
    assert found.model_extra == {
        **(found.model_extra or {}),
        "quota": "uploads",
        "limit": 2,
        "used": 2,
    }
    assert "delete some" in found.detail
    await client.delete(first.headers["location"])
    assert (await sent(client)).status_code == 201


async def test_more_bytes_than_may_be_are_refused_before_they_are_sent(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    refused = await sent(client, b"a,b\n" * 6)
    taken = await sent(client, b"a,b\n" * 5)
    full = await sent(client, b"a\n")

    assert problem(refused, 413, "quota_exceeded").model_extra is not None
    assert taken.status_code == 201
    found = problem(full, 413, "quota_exceeded").model_extra or {}
    assert (found["quota"], found["limit"], found["used"]) == ("upload_bytes", 20, 20)
    assert len(database.tables.uploads) == 1


async def test_bytes_of_unknown_number_are_counted_when_they_are_there(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield b"a,b\n"

    refused = await client.post("/v1/uploads?filename=a.csv", content=pieces())

    problem(refused, 413, "quota_exceeded")
    assert not database.tables.uploads


async def test_the_same_key_and_bytes_are_the_same_upload(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    first, again = await sent(client, key="k"), await sent(client, key="k")
    other_key = await sent(client, key="l")
    when_full = await sent(client, key="k")

    assert first.json() == again.json() == when_full.json()
    assert again.status_code == 201
    assert other_key.json()["id"] != first.json()["id"]
    assert len(database.tables.uploads) == 2


async def test_the_same_key_for_other_bytes_is_refused(client: httpx.AsyncClient) -> None:
    await sent(client, key="k")

    problem(await sent(client, OTHER, key="k"), 422, "idempotency_key_reused")


async def test_what_was_deleted_does_not_come_back_by_its_key(client: httpx.AsyncClient) -> None:
    first = await sent(client, key="k")
    await client.delete(first.headers["location"])

    problem(await sent(client, key="k"), 410, "gone")


async def test_a_key_is_new_again_after_a_day(
    client: httpx.AsyncClient, services: ApiServices, clock: FixedClock
) -> None:
    first = await sent(client, key="k")
    clock.advance(timedelta(hours=24))
    await services.requests.forget_expired_keys()

    assert (await sent(client, key="k")).json()["id"] != first.json()["id"]


async def test_a_key_that_was_refused_is_not_used_up(client: httpx.AsyncClient) -> None:
    first, _ = await sent(client), await sent(client)
    problem(await sent(client, key="k"), 413, "quota_exceeded")
    await client.delete(first.headers["location"])

    assert (await sent(client, key="k")).status_code == 201


async def test_a_key_that_cannot_be_is_named(client: httpx.AsyncClient) -> None:
    problem(await sent(client, key="a" * 256), 422, "invalid_input")
