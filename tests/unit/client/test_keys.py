"""Who asks: the client's own key, and the keys that it makes for others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from shared.client import (
    API_KEY,
    ApiForbiddenError,
    ApiNotFoundError,
    ApiUnauthenticatedError,
    BadApiKeyError,
    DarkroomClient,
    SyncDarkroomClient,
)
from tests.unit.client.fake_api import CONTENT, FakeApi
from tests.unit.client.fake_keys import OPERATOR

URL = "http://api.test"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv(API_KEY, raising=False)
    return monkeypatch


@pytest.fixture
def operator(api: FakeApi) -> Iterator[SyncDarkroomClient]:
    api.access.guarded = True
    with SyncDarkroomClient(URL, transport=api.transport, api_key=OPERATOR) as client:
        yield client


@contextmanager
def asking(api: FakeApi, key: str | None) -> Iterator[SyncDarkroomClient]:
    with SyncDarkroomClient(URL, transport=api.transport, api_key=key) as client:
        yield client


async def test_the_key_is_said_with_every_call(api: FakeApi, tmp_path: Path) -> None:
    api.access.guarded = True
    async with DarkroomClient(URL, transport=api.transport, api_key=OPERATOR) as client:
        job = await client.make("card", {"title": "Hello"})
        await client.download(job, tmp_path / "a.png")
        assert [event async for event in client.events(job.id)] == []
    assert {said["authorization"] for said in api.access.said} == {f"Bearer {OPERATOR}"}


def test_it_comes_from_the_environment(api: FakeApi, environment: pytest.MonkeyPatch) -> None:
    environment.setenv(API_KEY, f"{OPERATOR}\n")
    with asking(api, None) as client:
        client.list()
    with asking(api, "") as client:
        client.list()
    assert [said.get("authorization") for said in api.access.said] == [f"Bearer {OPERATOR}", None]


def test_an_operator_acts_for_a_tenant(api: FakeApi) -> None:
    with SyncDarkroomClient(URL, transport=api.transport, tenant="shop") as client:
        client.list()
    assert api.access.said[0]["x-darkroom-tenant"] == "shop"


@pytest.mark.parametrize("key", ["dk_a b", "dk_ä", '"dk_a_b"', "dk_a\nX-Evil: 1", "dk_\x00"])
def test_what_cannot_be_a_key_is_not_sent_nor_shown(api: FakeApi, key: str) -> None:
    with pytest.raises(BadApiKeyError) as refused, asking(api, key):
        pass
    assert key not in refused.value.detail
    assert not api.access.said


def test_without_a_key_or_with_a_wrong_one_it_is_refused(api: FakeApi) -> None:
    api.access.guarded = True
    for key in ("", "dk_wrong_0123"):
        with asking(api, key) as client, pytest.raises(ApiUnauthenticatedError) as refused:
            client.list()
        assert refused.value.problem.code == "unauthenticated"


def test_a_listener_whose_key_was_revoked_is_told(
    api: FakeApi, operator: SyncDarkroomClient
) -> None:
    made = operator.keys.create("shop", ["media:read"])
    api.streams = [": heartbeat\n\n"]
    with asking(api, made.key) as client:
        listening = client.events()
        operator.keys.revoke(made.id)
        with pytest.raises(ApiUnauthenticatedError):
            next(listening)


def test_a_key_is_made_used_and_revoked(api: FakeApi, operator: SyncDarkroomClient) -> None:
    made = operator.keys.create("shop", ["media:read"], expires_in=timedelta(days=1))
    assert made.key
    assert made.key not in repr(made)
    assert api.access.asked == [{"name": "shop", "scopes": ["media:read"], "expires_in": 86_400}]
    with asking(api, made.key) as shop:
        shop.list()
        operator.keys.revoke(made.id)
        with pytest.raises(ApiUnauthenticatedError):
            shop.list()
    assert operator.keys.get(made.id).revoked_at


def test_a_scope_that_is_lacking_is_named(api: FakeApi, operator: SyncDarkroomClient) -> None:
    made = operator.keys.create("writer", ["media:write"])
    with asking(api, made.key) as client, pytest.raises(ApiForbiddenError, match="media:read"):
        client.list()


def test_a_user_of_the_broker_has_no_secret(operator: SyncDarkroomClient) -> None:
    made = operator.keys.create("shop", ["media:write"], tenant="shop", broker_user="shop")
    assert (made.key, made.broker_user, made.tenant) == (None, "shop", "shop")


def test_keys_are_listed_by_tenant_and_page(operator: SyncDarkroomClient) -> None:
    operator.keys.create("one", ["media:read"], tenant="shop")
    operator.keys.create("two", ["media:read"])
    assert [key.name for key in operator.keys.list().items] == ["two", "one"]
    assert [key.name for key in operator.keys.list(tenant="shop").items] == ["one"]
    assert operator.keys.list(limit=1).next_cursor == "more"


@pytest.mark.parametrize("key_id", ["nobody", "../media", "a/b?c"])
def test_an_unknown_key_is_not_found(operator: SyncDarkroomClient, key_id: str) -> None:
    with pytest.raises(ApiNotFoundError):
        operator.keys.get(key_id)
    with pytest.raises(ApiNotFoundError):
        operator.keys.revoke(key_id)


async def test_a_store_that_is_elsewhere_does_not_learn_the_key(
    api: FakeApi, tmp_path: Path
) -> None:
    """Downloads may lead to an address of the object store."""
    inner, asked = api.transport, list[httpx.Request]()

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "store.test":
            asked.append(request)
            return httpx.Response(200, content=CONTENT)
        if request.url.path.endswith("/content"):
            return httpx.Response(307, headers={"location": "http://store.test/bucket/x?sig=1"})
        return await inner.handle_async_request(request)

    transport = httpx.MockTransport(answer)
    async with DarkroomClient(URL, transport=transport, api_key=OPERATOR) as client:
        job = await client.make("card", {"title": "Hello"})
        await client.download(job, tmp_path / "a.png")
    assert [request.headers.get("authorization") for request in asked] == [None]
