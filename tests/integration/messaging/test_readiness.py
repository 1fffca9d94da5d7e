"""Readiness is honest, within seconds; and nothing is taken that cannot be handled."""

import time
from typing import Any

import aiormq
import pytest
from pamqp.commands import Basic

from shared.database.away import DatabaseUnavailableError
from shared.errors import RetryableError
from shared.messaging.errors import BrokerUnavailableError
from shared.testing import a_media_ready, eventually
from tests.integration.messaging.harness import QUEUE, Service, depth, running
from tests.network import UrlProxy

SECONDS = 8
"""Within so many a hang is noticed; heartbeats alone would take half a minute."""
BROKER_SECONDS = 40
"""So long the broker may take a consumer that leads nowhere for one that is at work."""


def must_say(service: Service, reason: str) -> None:
    assert reason in (service.session.problem() or "")


async def must_work(service: Service) -> None:
    await service.ready()
    ready = a_media_ready()
    await eventually(lambda: service.tell(ready), timeout=20)

    def handled() -> None:
        assert str(ready.job_id) in service.handler.subjects

    await eventually(handled, timeout=BROKER_SECONDS)


async def consuming_channel(service: Service) -> Any:
    queue = service.subscriber._consumer._queue
    assert queue is not None
    return await queue.channel.get_underlay_channel()


async def test_a_broker_that_hangs_is_noticed_and_found_again(proxy: UrlProxy) -> None:
    async with running(proxy.url) as service:
        begun = time.monotonic()
        proxy.freeze()
        await eventually(lambda: must_say(service, "RabbitMQ does not answer"), timeout=SECONDS)
        assert time.monotonic() - begun < SECONDS
        proxy.thaw()
        await must_work(service)


async def test_connections_that_lead_nowhere_are_replaced(proxy: UrlProxy) -> None:
    """As after a failover: what was open leads nowhere, and nobody says so."""
    async with running(proxy.url) as service:
        proxy.freeze()
        await eventually(lambda: must_say(service, "RabbitMQ does not answer"), timeout=SECONDS)
        proxy.forget()
        await service.ready(timeout=60)
        await must_work(service)


async def test_a_consumer_that_the_broker_has_lost_is_noticed_and_made_anew(
    rabbitmq_url: str,
) -> None:
    async with running(rabbitmq_url) as service:
        channel = await consuming_channel(service)
        [tag] = channel.consumers
        await channel.rpc(Basic.Cancel(consumer_tag=tag, nowait=True))
        assert tag in channel.consumers, "this side knows nothing of it"
        await eventually(lambda: must_say(service, f"knows no consumer of {QUEUE.name}"), 20)
        await must_work(service)


async def test_a_channel_that_the_broker_closes_is_opened_again(rabbitmq_url: str) -> None:
    async with running(rabbitmq_url) as service:
        channel: aiormq.Channel = await consuming_channel(service)
        await channel.basic_ack(999_999)

        def closed() -> None:
            assert channel.is_closed

        await eventually(closed)
        await must_work(service)


async def test_nothing_is_taken_before_the_gate_opens(rabbitmq_url: str) -> None:
    gate: list[str | None] = ["not migrated yet"]
    async with running(rabbitmq_url) as other:
        await other.subscriber.pause()
        service = Service(rabbitmq_url, gate=lambda: gate[0])
        service.session.start()
        try:
            await eventually(lambda: must_say(service, "the database answers: not migrated yet"))
            ready = a_media_ready()
            await other.tell(ready)
            assert await depth(rabbitmq_url, QUEUE.name) == 1
            gate[0] = None
            await eventually(lambda: service.must_have_handled(ready))
        finally:
            await service.stop()


async def test_while_nothing_can_be_handled_nothing_more_is_taken(rabbitmq_url: str) -> None:
    """What stays in the queue does not come back from a process that is killed meanwhile."""
    first, later = a_media_ready(), [a_media_ready() for _ in range(5)]
    async with running(rabbitmq_url) as service:
        service.handler.failure = DatabaseUnavailableError("Postgres does not answer.")
        await service.tell(first)
        reason = f"{QUEUE.name} waits: Postgres does not answer."
        await eventually(lambda: must_say(service, reason))
        await service.tell(*later)
        assert await depth(rabbitmq_url, QUEUE.name) == 5
        service.handler.failure = None
        await eventually(lambda: service.must_have_handled(first, *later))
        await service.ready()


async def test_a_failure_that_passes_at_once_stops_nothing(rabbitmq_url: str) -> None:
    ready = a_media_ready()
    async with running(rabbitmq_url) as service:
        service.handler.failure_once = RetryableError("deadlock")
        await service.tell(ready)
        await eventually(lambda: service.must_have_handled(ready))
        assert not service.subscriber._consumer.held


async def test_a_process_that_stops_while_it_waits_gives_everything_back(
    rabbitmq_url: str,
) -> None:
    ready = [a_media_ready() for _ in range(5)]
    async with running(rabbitmq_url) as service:
        service.handler.failure = DatabaseUnavailableError()
        await service.tell(*ready)
        await eventually(lambda: must_say(service, "waits"))
    async with running(rabbitmq_url) as next_one:
        await eventually(lambda: next_one.must_have_handled(*ready))


async def test_nothing_is_sent_into_a_hang_again_and_again(proxy: UrlProxy) -> None:
    async with running(proxy.url) as service:
        service.publisher._timeout = 1
        proxy.freeze()
        with pytest.raises(BrokerUnavailableError, match="did not confirm in time"):
            await service.tell(a_media_ready())
        for _ in range(2):
            with pytest.raises(BrokerUnavailableError, match=r"does not answer|in time|is away"):
                await service.tell(a_media_ready())
        proxy.thaw()
        await must_work(service)
        assert len(service.handler.subjects) <= 2, "the first may arrive late, no other was sent"
