"""The two backends keep the same promises."""

from urllib.parse import urlsplit

import aio_pika
import httpx
import pytest

from deploy.local.amqp_handshake import answers
from shared.messaging.topology import POLICIES, QUORUM
from tests.backends.databases import execute, query
from tests.backends.vhosts import Vhosts
from tests.conftest import MakeDatabase


def test_databases_of_a_test_are_its_own(make_database: MakeDatabase) -> None:
    first, second = make_database(None), make_database(None)
    execute(first, "CREATE TABLE mine (id int)")
    assert query(first, "SELECT count(*) AS n FROM mine") == [{"n": 0}]
    assert query(second, "SELECT to_regclass('mine') AS it") == [{"it": None}]


@pytest.mark.parametrize("service", ["api", "generator", "notifier"])
def test_a_services_database_is_migrated(make_database: MakeDatabase, service: str) -> None:
    url = make_database(service)
    assert query(url, "SELECT count(*) AS n FROM outbox") == [{"n": 0}]


async def test_a_vhost_takes_messages(rabbitmq_url: str) -> None:
    async with await aio_pika.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("probe", durable=True, arguments=dict(QUORUM))
        await channel.default_exchange.publish(aio_pika.Message(b"hello"), "probe")
        message = await queue.get(timeout=10)
        assert message.body == b"hello"
        await message.ack()


def test_a_vhost_has_the_policies_of_the_topology(rabbitmq_url: str, management_url: str) -> None:
    vhost = urlsplit(rabbitmq_url).path
    policies = httpx.get(f"{management_url}/api/policies{vhost}").json()
    assert {policy["name"]: policy["definition"] for policy in policies} == {
        policy.name: policy.definition for policy in POLICIES
    }


def test_a_vhost_is_gone_after_its_test(vhosts: Vhosts) -> None:
    url = vhosts.create()
    assert answers(url)
    vhosts.delete(url)
    assert not answers(url)
