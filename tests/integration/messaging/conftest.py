"""Fixtures: a network to the broker that can be cut, and servers that can be restarted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.messaging import topology
from shared.messaging.declare import declare
from shared.messaging.publisher import Publisher
from tests.integration.messaging.harness import QUEUE
from tests.network import UrlProxy

Restart = Callable[[Callable[[], None]], Awaitable[None]]


@pytest.fixture
async def proxy(rabbitmq_url: str) -> AsyncIterator[UrlProxy]:
    """The broker behind a network that tests can cut and freeze."""
    proxy = UrlProxy(rabbitmq_url)
    await proxy.open()
    yield proxy
    await proxy.close()


@pytest.fixture
async def publisher(rabbitmq_url: str) -> AsyncIterator[Publisher]:
    """A connected publisher on a broker with the topology."""
    publisher = Publisher(rabbitmq_url, app_id="probe")
    await publisher.start()
    await declare(publisher.connection, [QUEUE, *topology.API_QUEUES])
    yield publisher
    await publisher.stop()


@pytest.fixture(scope="session")
def servers_thread() -> Iterator[ThreadPoolExecutor]:
    """Servers end with the thread that started them, so it lives as long as the session."""
    with ThreadPoolExecutor(1) as thread:
        yield thread


@pytest.fixture
def restart(servers_thread: ThreadPoolExecutor) -> Restart:
    """`await restart(backend.rabbitmq.restart)`: while the event loop goes on."""

    async def restart(step: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(servers_thread, step)

    return restart
