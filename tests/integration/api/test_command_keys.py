"""With keys: RabbitMQ says who sent a command, and lets nobody say that he is another."""

from collections.abc import Iterator
from typing import Any

import aio_pika
import httpx
import pytest
from aio_pika.exceptions import ChannelClosed, ChannelPreconditionFailed

from services.api.app import ApiApp
from services.api.settings import ApiSettings
from shared.events import MediaAccepted, MediaRejected
from shared.messaging.dead_letters import QUEUE, SENDER
from tests.integration.api.askers import Asker, BrokerUsers, asking, broker_users
from tests.integration.api.burying import a_bug, given_up, letters, replay
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.builders import CARD

GOOD = {"generator": "card", "input": CARD}
OPERATOR_KEY = "an-operators-key-of-forty-characters-00"


@pytest.fixture
def settings(settings: ApiSettings, users: BrokerUsers) -> ApiSettings:
    """Keys are needed, and the api is a user of the broker that nobody else is."""
    secrets = {"operator_key": OPERATOR_KEY, "notifier_token": "n" * 40}
    ours = {"auth": "keys", "rabbitmq_url": users.create_service("api")}
    return ApiSettings.model_validate(settings.model_dump() | ours | secrets)


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
        for name, key in (("media.events", "media.ready.card"), ("media.dead", "api.commands")):
            channel = await connection.channel()
            exchange = await channel.get_exchange(name, ensure=False)
            with pytest.raises(ChannelClosed, match="refused"):
                await exchange.publish(aio_pika.Message(b"{}"), key)


async def must_be_accepted(asker: Asker, tenant: str) -> None:
    event, message = await asker.heard()
    assert isinstance(event.data, MediaAccepted), event.data
    assert event.tenant == event.data.job["tenant"] == tenant
    assert message.correlation_id == "question-7"


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("directly", [False, True])
async def test_a_replayed_command_is_its_first_senders_and_answered_there(
    app: ApiApp, client: httpx.AsyncClient, users: BrokerUsers, directly: bool
) -> None:
    url = users.create("shop")
    await a_key(client, "shop")
    async with asking(url, directly=directly) as asker:
        async with a_bug(app):
            await asker.ask("c-1", GOOD, user_id="shop")
            [letter] = await letters(client, 1)
            await replay(client, letter)
            [again] = await letters(client, 1)
        assert again["id"] != letter["id"]
        assert letter["sender"] == again["sender"] == "shop"
        assert letter["reply_to"] == again["reply_to"]
        assert letter["correlation_id"] == "question-7"

        await replay(client, again)
        await must_be_accepted(asker, "acme")


@pytest.mark.usefixtures("cards")
async def test_so_is_one_that_rabbitmq_gave_up_whatever_its_headers_say(
    app: ApiApp, client: httpx.AsyncClient, users: BrokerUsers, neighbours: Neighbours
) -> None:
    url = users.create("shop")
    await a_key(client, "shop")
    await a_key(client, "boss", tenant="others")
    forged = {SENDER: "boss", QUEUE: "generator.control"}
    async with asking(url) as asker:
        async with given_up(app, neighbours):
            await asker.ask("c-1", GOOD, user_id="shop", headers=forged)
        [letter] = await letters(client, 1)
        assert (letter["queue"], letter["sender"]) == ("api.commands", "shop")

        async with a_bug(app):
            await replay(client, letter)
            [again] = await letters(client, 1)
        await replay(client, again)
        await must_be_accepted(asker, "acme")


@pytest.mark.usefixtures("cards")
async def test_a_key_that_was_revoked_meanwhile_is_no_key(
    app: ApiApp, client: httpx.AsyncClient, users: BrokerUsers
) -> None:
    url = users.create("shop")
    key = await a_key(client, "shop")
    async with asking(url) as asker:
        async with a_bug(app):
            await asker.ask("c-1", GOOD, user_id="shop")
            [letter] = await letters(client, 1)
        assert (await client.delete(f"/v1/keys/{key['id']}")).status_code == 204

        await replay(client, letter)
        assert await code_of(asker) == "unauthenticated"


@pytest.mark.usefixtures("cards")
async def test_nobody_else_is_believed_to_pass_on_a_command(
    app: ApiApp, client: httpx.AsyncClient, users: BrokerUsers
) -> None:
    users.create("shop")
    url = users.create("thief")
    await a_key(client, "shop")
    await a_key(client, "thief", tenant="thieves")
    forged = {"headers": {SENDER: "shop"}}
    async with asking(url) as asker:
        await asker.ask("c-1", GOOD, **forged)
        assert await code_of(asker) == "unauthenticated"
        await asker.ask("c-2", GOOD, user_id="thief", **forged)
        await must_be_accepted(asker, "thieves")

        async with a_bug(app):
            await asker.publish(b"{", "media.request", **forged)
            [letter] = await letters(client, 1)
            assert letter["sender"] == ""
            assert await code_of(asker) == "undecodable_message"
            await asker.ask("c-3", GOOD, user_id="thief", **forged)
            [letter, _] = await letters(client, 2)
        assert letter["sender"] == "thief"
        await replay(client, letter)
        await must_be_accepted(asker, "thieves")
