"""A service outlives its broker: not ready, says why, and comes back by itself."""

import asyncio

import aio_pika

from shared.testing import a_media_ready, eventually
from tests.backends import Backend
from tests.integration.messaging.conftest import Restart
from tests.integration.messaging.harness import QUEUE, Service, running
from tests.network import UrlProxy


def must_not_be_ready(service: Service) -> None:
    assert service.session.problem() is not None


async def must_work(service: Service) -> None:
    """An event goes out, comes in, and is handled."""
    await service.ready()
    ready = a_media_ready()
    await eventually(lambda: service.tell(ready), timeout=20)

    def handled() -> None:
        assert str(ready.job_id) in service.handler.subjects

    await eventually(handled)


async def test_a_service_starts_without_a_broker_and_finds_it_later(proxy: UrlProxy) -> None:
    await proxy.close()
    service = Service(proxy.url)
    service.session.start()
    await eventually(lambda: must_say(service, "Connect call failed"))
    await proxy.open()
    await must_work(service)
    await service.stop()


async def test_a_cut_connection_is_noticed_and_mended(proxy: UrlProxy) -> None:
    async with running(proxy.url) as service:
        await must_work(service)
        await proxy.close()
        await eventually(lambda: must_not_be_ready(service))
        await proxy.open()
        await must_work(service)


async def test_a_restarted_broker_gets_its_consumers_back(
    rabbitmq_url: str, backend: Backend, restart: Restart
) -> None:
    async with running(rabbitmq_url) as service:
        await restart(backend.rabbitmq.restart)
        await must_work(service)


async def test_a_deleted_queue_is_noticed_declared_and_consumed_again(rabbitmq_url: str) -> None:
    async with running(rabbitmq_url) as service:
        async with await aio_pika.connect(rabbitmq_url) as connection:
            channel = await connection.channel()
            await channel.queue_delete(QUEUE.name)
        await eventually(lambda: must_say(service, f"not consuming: {QUEUE.name}"))
        await must_work(service)


async def test_a_consumer_paused_while_the_broker_was_away_stays_paused(proxy: UrlProxy) -> None:
    async with running(proxy.url) as service:
        await proxy.close()
        await service.subscriber.pause()
        await proxy.open()
        await service.ready()
        await eventually(lambda: service.tell(a_media_ready()), timeout=20)
        assert service.handler.subjects == []
        await service.subscriber.resume()
        await eventually(lambda: must_have_handled_something(service))


async def test_a_consumer_resumed_while_the_broker_is_away_consumes_when_it_is_back(
    proxy: UrlProxy,
) -> None:
    async with running(proxy.url) as service:
        await service.subscriber.pause()
        await proxy.close()
        await service.subscriber.resume()
        await eventually(lambda: must_not_be_ready(service))
        await proxy.open()
        await must_work(service)


async def test_stopping_needs_no_broker(proxy: UrlProxy) -> None:
    async with running(proxy.url) as service:
        await proxy.close()
        async with asyncio.timeout(10):
            await service.stop()


async def test_stopping_needs_no_answer_from_a_frozen_network(proxy: UrlProxy) -> None:
    async with running(proxy.url) as service:
        proxy.freeze()
        async with asyncio.timeout(20):
            await service.stop()


async def test_a_service_that_never_found_its_broker_stops(proxy: UrlProxy) -> None:
    await proxy.close()
    service = Service(proxy.url)
    service.session.start()
    await eventually(lambda: must_say(service, "Connect call failed"))
    async with asyncio.timeout(5):
        await service.stop()


def must_say(service: Service, reason: str) -> None:
    assert reason in (service.session.problem() or "")


def must_have_handled_something(service: Service) -> None:
    assert service.handler.subjects
