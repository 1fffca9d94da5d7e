"""The private RabbitMQ node."""

from collections.abc import Iterator
from pathlib import Path

import aio_pika
import aiormq
import psutil
import pytest

from deploy.local.http import get
from deploy.local.rabbitmq import RabbitMQNode
from shared.messaging import topology

pytestmark = pytest.mark.usefixtures("rabbitmq_installed")


@pytest.fixture(scope="module")
def node(folder: Path, rabbitmq_installed: None) -> Iterator[RabbitMQNode]:
    node = RabbitMQNode(folder / "rabbitmq")
    node.start()
    yield node
    node.stop()


async def test_the_process_we_hold_is_the_broker(node: RabbitMQNode) -> None:
    assert psutil.Process(node.pid).name() == "beam.smp"


async def test_a_service_consumes_its_own_queue(node: RabbitMQNode) -> None:
    async with await aio_pika.connect(node.url_for("notifier")) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(
            topology.NOTIFIER_OUTCOMES, durable=True, arguments=dict(topology.QUORUM)
        )
        assert queue.declaration_result.message_count == 0


async def test_a_service_may_not_read_the_queue_of_another(node: RabbitMQNode) -> None:
    async with await aio_pika.connect(node.url_for("notifier")) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(topology.API_PROGRESS)
        with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
            await queue.get(fail=False)


async def test_only_the_api_may_put_messages_straight_into_queues(node: RabbitMQNode) -> None:
    message = aio_pika.Message(b"replayed")
    async with await aio_pika.connect(node.url_for("api")) as connection:
        channel = await connection.channel(on_return_raises=True)
        await channel.default_exchange.publish(message, topology.NOTIFIER_OUTCOMES)
    async with await aio_pika.connect(node.url_for("generator")) as connection:
        channel = await connection.channel()
        with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
            await channel.default_exchange.publish(message, topology.NOTIFIER_OUTCOMES)


async def test_messages_survive_a_crash(node: RabbitMQNode) -> None:
    key = "media.ready.card"
    async with await aio_pika.connect(node.amqp_url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(topology.EVENTS)
        message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await exchange.publish(message, key)
    url = node.amqp_url
    node.kill()
    node.start()
    assert node.amqp_url == url
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(topology.API_PROGRESS)
        received = await queue.get(timeout=10)
        assert received.body == b"kept"
        await received.ack()


async def test_the_management_interface_and_metrics_answer(node: RabbitMQNode) -> None:
    assert get(f"http://127.0.0.1:{node.ports.management}/", 10)[0] == 200
    status, text = get(f"http://127.0.0.1:{node.ports.prometheus}/metrics", 10)
    assert status == 200
    assert "rabbitmq_identity_info" in text


def test_epmd_ends_with_the_node(folder: Path) -> None:
    node = RabbitMQNode(folder / "second")
    try:
        node.prepare()
        node.epmd.start()
        pid = node.epmd.pid
        assert pid is not None
        assert psutil.pid_exists(pid)
    finally:
        node.stop()
    assert not node.epmd.is_ready()
    assert not psutil.pid_exists(pid)
