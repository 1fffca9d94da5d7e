"""Keys in the test kit: a Darkroom in memory that wants one, and tenants of a running one."""

import uuid
from pathlib import Path

import httpx
import pytest

from deploy.local.stack_file import StackInfo, write_stack_file
from deploy.testing import DarkroomTenant, NoKeysError, RunningDarkroom
from shared.client import API_KEY, ApiUnauthenticatedError, SyncDarkroomClient
from shared.testing.in_memory import DarkroomInMemory
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_keys import OPERATOR

KEY = "dk_test_0123456789abcdef"
CARD = {"title": "Hello"}


@pytest.fixture(autouse=True)
def somebodys_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is for another Darkroom."""
    monkeypatch.setenv(API_KEY, "dk_another_1")


def test_its_own_clients_have_the_key() -> None:
    darkroom = DarkroomInMemory(api_key=KEY, tenant="shop")
    with darkroom.sync_client() as client:
        assert client.make("card", CARD).status == "ready"
    assert {event.tenant for event in darkroom.events} == {"shop"}


@pytest.mark.parametrize("key", [None, "", "dk_wrong_1"])
def test_others_are_refused_whatever_they_ask_for(key: str | None) -> None:
    darkroom = DarkroomInMemory(api_key=KEY)
    job = uuid.uuid4()
    with darkroom.sync_client(api_key=key) as client:
        for ask in (client.list, client.generators, lambda: next(client.events(job))):
            with pytest.raises(ApiUnauthenticatedError) as refused:
                ask()
            assert refused.value.problem.code == "unauthenticated"
        with pytest.raises(ApiUnauthenticatedError):
            client.request("card", CARD)
    assert darkroom.requests == []


async def test_a_client_of_ones_own_is_told_how_to_say_it() -> None:
    transport = DarkroomInMemory(api_key=KEY).transport()
    async with httpx.AsyncClient(transport=transport, base_url="http://darkroom.test") as http:
        answer = await http.get("/v1/media")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_without_a_key_of_its_own_it_is_not_told_those_of_others() -> None:
    asked = list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"items": []})

    with DarkroomInMemory().sync_client(transport=httpx.MockTransport(answer)) as client:
        client.list()
    assert "authorization" not in asked[0].headers


def test_a_tenant_of_a_running_one_has_a_key_for_itself(api: FakeApi) -> None:
    api.access.guarded = True
    with SyncDarkroomClient("http://api.test", transport=api.transport, api_key=OPERATOR) as boss:
        one = DarkroomTenant.fresh(boss, "http://api.test", ["media:read"])
        other = DarkroomTenant.fresh(boss, "http://api.test", ["media:read"])
    assert one.name != other.name
    assert [asked["tenant"] for asked in api.access.asked] == [one.name, other.name]
    assert one.api_key not in repr(one)
    with one.client(transport=api.transport) as client:
        client.list()
    assert api.access.said[-1]["authorization"] == f"Bearer {one.api_key}"


async def test_its_other_client_asks_with_it_too(api: FakeApi) -> None:
    tenant = DarkroomTenant("http://api.test", "shop", KEY)
    async with tenant.async_client(transport=api.transport) as client:
        await client.list()
    assert api.access.said[-1]["authorization"] == f"Bearer {KEY}"


def test_one_without_keys_says_what_to_set(tmp_path: Path) -> None:
    running = RunningDarkroom(tmp_path, backend="native")
    write_stack_file(tmp_path, a_stack(api_key=None))
    assert running.api_key is None
    with pytest.raises(NoKeysError, match='"DARKROOM_AUTH": "keys"'):
        running.new_tenant()


def a_stack(api_key: str | None) -> StackInfo:
    return StackInfo(
        api="http://api.test",
        api_key=api_key,
        rabbitmq="amqp://broker",
        management=None,
        databases={},
        pids={},
    )


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()
