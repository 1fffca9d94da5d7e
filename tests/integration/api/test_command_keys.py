"""With keys: RabbitMQ says who sent a command, and lets nobody say that he is another."""

from collections.abc import Iterator
from typing import Any

import aio_pika
import httpx
import pytest
from aio_pika.exceptions import ChannelClosed, ChannelPreconditionFailed

from services.api.settings import ApiSettings
from shared.events import MediaAccepted, MediaRejected
from tests.integration.api.askers import Asker, BrokerUsers, asking, broker_users
from tests.unit.api.builders import CARD

GOOD = {"generator": "card", "input": CARD}
OPERATOR_KEY = "an-operators-key-of-forty-characters-00"


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    secrets = {"operator_key": OPERATOR_KEY, "notifier_token": "n" * 40}
    values = settings.model_dump() | {"auth": "keys"} | secrets
    return ApiSettings.model_validate(values)


@pytest.fixture
def client(client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers["authorization"] = f"Bearer {OPERATOR_KEY}"
    return client


@pytest.fixture
def users(management_url: str, rabbitmq_url: str) -> Iterator[BrokerUsers]:
    with broker_users(management_url, rabbitmq_url) as users:
        yield users


async def a_key(client: httpx.AsyncClient, user: str, **changes: Any) -> dict[str, Any]:
    wanted = {"name": user, "tenant": "acme", "scopes": ["media:write"], "broker_user": user}
    answer = await client.post("/v1/keys", json=wanted | changes)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def code_of(asker: Asker) -> str | None:
    """What is wrong with the command that is answered next; None: nothing."""
    event, _ = await asker.heard()
    assert isinstance(event.data, MediaAccepted | MediaRejected)
    return event.data.problem["code"] if isinstance(event.data, MediaRejected) else None


@pytest.mark.usefixtures("cards")
async def test_a_command_is_its_users(client: httpx.AsyncClient, users: BrokerUsers) -> None:
    url = users.create("shop")
    key = await a_key(client, "shop")
    async with asking(url, directly=True) as asker:
        await asker.ask("c-1", GOOD)
        assert await code_of(asker) == "unauthenticated"

        await asker.ask("c-1", GOOD, user_id="shop")
        event, _ = await asker.heard()
        assert isinstance(event.data, MediaAccepted)
        assert event.tenant == event.data.job["tenant"] == "acme"

        await asker.ask("c-2", GOOD, user_id="shop", envelope={"tenant": "other"})
        assert await code_of(asker) == "scope_missing"

        assert (await client.delete(f"/v1/keys/{key['id']}")).status_code == 204
        await asker.ask("c-3", GOOD, user_id="shop")
        assert await code_of(asker) == "unauthenticated"


@pytest.mark.usefixtures("cards")
async def test_a_key_without_the_scope_asks_for_nothing(
    client: httpx.AsyncClient, users: BrokerUsers
) -> None:
    url = users.create("watcher")
    await a_key(client, "watcher", scopes=["media:read"])
    async with asking(url) as asker:
        await asker.ask("c-1", GOOD, user_id="watcher")
        assert await code_of(asker) == "scope_missing"


@pytest.mark.usefixtures("cards")
async def test_rabbitmq_refuses_a_forged_user(
    client: httpx.AsyncClient, users: BrokerUsers
) -> None:
    users.create("shop")
    thief = users.create("thief")
    await a_key(client, "shop")
    async with asking(thief) as asker:
        with pytest.raises(ChannelPreconditionFailed, match="user_id"):
            await asker.ask("c-1", GOOD, user_id="shop")


@pytest.mark.usefixtures("cards")
async def test_only_an_operator_reaches_the_generators(users: BrokerUsers) -> None:
    control = {"action": "pause"}
    async with asking(users.create("operator", operates=True)) as asker:
        await asker.ask("c-1", control, kind="control")
    async with asking(users.create("shop")) as asker:
        with pytest.raises(ChannelClosed, match=r"access to topic 'media\.control'"):
            await asker.ask("c-2", control, kind="control")


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("listens", [False, True])
async def test_there_is_no_way_around(users: BrokerUsers, listens: bool) -> None:
    connection = await aio_pika.connect(users.create("shop", listens=listens))

    async def must_be_refused(step: str, *given: Any, **named: Any) -> None:
        channel = await connection.channel()
        with pytest.raises(ChannelClosed, match="refused"):
            await getattr(channel, step)(*given, **named)

    async with connection:
        await must_be_refused("declare_exchange", "shop.mine", "topic")
        await must_be_refused("declare_queue", "shop.mine", durable=True)
        dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "generator.control"}
        await must_be_refused("declare_queue", exclusive=True, arguments=dead)
        channel = await connection.channel()
        straight = channel.default_exchange.publish(aio_pika.Message(b"{}"), "generator.control")
        with pytest.raises(ChannelClosed, match="refused"):
            await straight
        channel = await connection.channel()
        events = await channel.get_exchange("media.events", ensure=False)
        with pytest.raises(ChannelClosed, match="refused"):
            await events.publish(aio_pika.Message(b"{}"), "media.ready.card")
