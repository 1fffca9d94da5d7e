"""Makes on a broker what topology.py says; doing it again changes nothing."""

from collections.abc import Iterable

from aio_pika import ExchangeType
from aio_pika.abc import AbstractConnection

from shared.messaging.topology import EXCHANGES, QUORUM, RETIRED, Queue


async def declare(connection: AbstractConnection, queues: Iterable[Queue]) -> None:
    """Declare all exchanges, and these queues with their bindings."""
    channel = await connection.channel()
    try:
        for exchange in EXCHANGES:
            await channel.declare_exchange(exchange.name, ExchangeType(exchange.kind), durable=True)
        for queue in queues:
            declared = await channel.declare_queue(
                queue.name, durable=True, arguments=dict(QUORUM), timeout=30
            )
            for binding in queue.bindings:
                await declared.bind(binding.exchange, routing_key=binding.pattern)
            for binding in RETIRED.get(queue.name, ()):
                await declared.unbind(binding.exchange, routing_key=binding.pattern)
    finally:
        await channel.close()
