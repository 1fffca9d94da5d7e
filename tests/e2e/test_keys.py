"""Keys through the whole stack: handed out, used, and taken back."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pika
import pytest
from standardwebhooks import Webhook

from deploy.testing import RunningDarkroom
from shared.client import (
    API_KEY,
    ApiForbiddenError,
    ApiNotFoundError,
    ApiUnauthenticatedError,
    SyncDarkroomClient,
)
from shared.testing import eventually_sync
from shared.testing.in_memory import DarkroomInMemory
from shared.testing.webhook_receiver import WebhookReceiver
from tests.e2e.command_line import Done, run_python
from tests.e2e.conftest import Surroundings
from tests.e2e.people import Service

SCOPES = ["media:read", "media:write"]
CARD = {"title": "Mine"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def running(home: Path, surroundings: Surroundings) -> Iterator[RunningDarkroom]:
    """A whole Darkroom that wants keys."""
    with RunningDarkroom(home, {**surroundings(), "DARKROOM_AUTH": "keys"}) as running:
        yield running


@pytest.fixture
def operator(running: RunningDarkroom) -> Iterator[SyncDarkroomClient]:
    with running.client() as client:
        yield client


@pytest.mark.usefixtures("running")
def test_a_shop_gets_a_key_makes_a_card_and_loses_the_key(home: Path, tmp_path: Path) -> None:
    def darkroom(*arguments: str, key: str = "") -> Done:
        told = {"DARKROOM_HOME": str(home), API_KEY: key}
        return run_python("-m", "deploy.cli", *arguments, **told)

    made = darkroom("keys", "create", "--name", "shop", "--scopes", ",".join(SCOPES))
    key = made.stdout.strip()
    picture = tmp_path / "hello.png"
    card = darkroom("make", "card", "title=Hello", "-o", str(picture), key=key)
    assert card.returncode == 0, card.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")

    [listed] = json.loads(darkroom("keys", "list", "--json").stdout)["items"]
    assert (listed["name"], listed["scopes"], listed["revoked_at"]) == ("shop", SCOPES, None)
    assert "needs a key with the scope keys" in darkroom("keys", "list", key=key).stderr

    assert darkroom("keys", "revoke", listed["id"]).returncode == 0
    refused = darkroom("make", "card", "title=Hello", key=key)
    assert refused.returncode == 1
    assert "The key 'shop' was revoked" in refused.stderr
    assert "revoked" in darkroom("keys", "list").stdout
    assert "takes it" in darkroom("doctor").stdout


def test_tenants_see_nothing_of_each_other(
    running: RunningDarkroom, operator: SyncDarkroomClient
) -> None:
    with running.new_tenant().client() as one, running.new_tenant().client() as other:
        job = one.make("card", CARD)
        assert [listed.id for listed in one.list().items] == [job.id]
        assert other.list().items == ()
        for call in (other.get, other.cancel, other.retry, other.delete):
            with pytest.raises(ApiNotFoundError):
                call(job.id)
        with pytest.raises(ApiNotFoundError):
            next(other.events(job.id))
    assert job.id not in [listed.id for listed in operator.list().items]


def test_an_operator_looks_at_a_tenant(running: RunningDarkroom) -> None:
    tenant = running.new_tenant()
    with tenant.client() as client, running.client(tenant=tenant.name) as acting:
        job = client.make("card", CARD)
        assert [listed.id for listed in acting.list().items] == [job.id]


def test_a_tenants_webhooks_are_its_own(running: RunningDarkroom) -> None:
    tenant, other = running.new_tenant(), running.new_tenant()
    secret = tenant.webhook_secret
    assert secret != other.webhook_secret
    with WebhookReceiver(secret) as receiver, tenant.client() as client:
        job = client.make("card", CARD, webhook={"url": receiver.url})
        call = receiver.wait_for(timeout=timedelta(seconds=20))
        assert Webhook(secret).verify(call.body, call.headers)["subject"] == str(job.id)
        endpoint = client.webhooks.add(receiver.url)
        with other.client() as stranger, pytest.raises(ApiNotFoundError):
            stranger.webhooks.get(endpoint.id)


def test_a_listener_hears_no_more_once_its_key_is_revoked(
    running: RunningDarkroom, operator: SyncDarkroomClient
) -> None:
    tenant = running.new_tenant()
    [made] = operator.keys.list(tenant=tenant.name).items
    with tenant.client() as client:
        events = client.events()
        client.request("card", CARD)
        first = eventually_sync(lambda: next(events), timeout=20)
        assert first.body["tenant"] == tenant.name
        operator.keys.revoke(made.id)
        with pytest.raises(ApiUnauthenticatedError):
            list(events)


def test_a_service_on_the_broker_is_known_by_its_user(
    running: RunningDarkroom, operator: SyncDarkroomClient
) -> None:
    tenant, user = running.new_tenant(), urlsplit(running.amqp_url).username
    operator.keys.create("shop", ["media:write"], tenant=tenant.name, broker_user=user)
    connection = pika.BlockingConnection(pika.URLParameters(running.amqp_url))
    Service(connection.channel(), user).request(generator="card", input=CARD)
    Service(connection.channel()).request(generator="card", input={"title": "Of nobody"})
    with tenant.client() as client:

        def is_ready() -> None:
            [job] = client.list().items
            assert (job.status, job.input) == ("ready", CARD)

        eventually_sync(is_ready, timeout=20)
    connection.close()
    assert "Of nobody" not in [(job.input or {}).get("title") for job in operator.list().items]


def test_a_key_does_what_its_scopes_say(running: RunningDarkroom) -> None:
    with running.new_tenant(["media:read"]).client() as reader:
        assert reader.list().items == ()
        with pytest.raises(ApiForbiddenError, match="media:write"):
            reader.request("card", CARD)


async def test_the_one_in_memory_refuses_as_this_one_does(running: RunningDarkroom) -> None:
    transport = DarkroomInMemory(api_key="dk_test_1").transport()
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://darkroom.test") as memory,
        httpx.AsyncClient(base_url=running.url) as real,
    ):
        for headers in ({}, {"Authorization": "Bearer dk_other_1"}):
            told = [await http.get("/v1/media", headers=headers) for http in (memory, real)]
            assert {answer.status_code for answer in told} == {401}
            assert {answer.headers["www-authenticate"] for answer in told} == {"Bearer"}
            for member in ("type", "title", "code", "instance", "status"):
                assert len({answer.json()[member] for answer in told}) == 1


def test_nothing_is_started_where_strangers_could_come_in(tmp_path: Path) -> None:
    told = {"DARKROOM_HOME": str(tmp_path), "DARKROOM_HOST": "0.0.0.0", "DARKROOM_AUTH": "off"}
    done = run_python("-m", "deploy.cli", "up", "--detach", **told)
    assert done.returncode == 1
    assert "set DARKROOM_AUTH=keys, or DARKROOM_HOST=127.0.0.1" in done.stderr
    assert not (tmp_path / "stack.json").exists()
