"""/metrics for Prometheus: the parts every service has, and whatever it puts into its registry.

The parts count for themselves; they are read when Prometheus asks.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.errors import RetryableError

BACKLOG_SECONDS = 2.0


class Relay(Protocol):
    """What is read of an outbox relay."""

    published: int
    quarantined: int

    async def backlog(self) -> dict[str, float]: ...


class Subscriber(Protocol):
    """What is read of a batch subscriber."""

    queue: str
    handled: int
    dead_lettered: int

    @property
    def consuming(self) -> bool: ...


def metrics_route(
    registry: CollectorRegistry,
    *,
    relay: Relay | None = None,
    subscribers: Sequence[Subscriber] = (),
) -> Route:
    """Everything in `registry`, the process, the outbox and the queues' consumers."""
    outbox = _OutboxCollector(relay) if relay is not None else None
    for collector in filter(None, (outbox, _SubscriberCollector(subscribers))):
        registry.register(collector)
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)

    async def metrics(_: Request) -> Response:
        if outbox is not None:
            await outbox.look()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics, methods=["GET"], include_in_schema=False)


class _OutboxCollector(Collector):
    """Counts of the relay, and what waits in the table; that is left out when it cannot be read."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._backlog: dict[str, float] = {}

    async def look(self) -> None:
        try:
            async with asyncio.timeout(BACKLOG_SECONDS):
                self._backlog = await self._relay.backlog()
        except (RetryableError, TimeoutError, SQLAlchemyError):
            self._backlog = {}

    def collect(self) -> Iterator[Metric]:
        yield _counter("outbox_published", "Messages published.", self._relay.published)
        yield _counter(
            "outbox_quarantined", "Messages that could not be delivered.", self._relay.quarantined
        )
        for name, value in self._backlog.items():
            yield GaugeMetricFamily(
                f"darkroom_outbox_{name}", "Rows in the outbox, or the age of the oldest.", value
            )


class _SubscriberCollector(Collector):
    """What the consumers of this process have done."""

    def __init__(self, subscribers: Iterable[Subscriber]) -> None:
        self._subscribers = tuple(subscribers)

    def collect(self) -> Iterator[Metric]:
        handled = CounterMetricFamily(
            "darkroom_messages_handled", "Messages handled and acked.", labels=["queue"]
        )
        dead = CounterMetricFamily(
            "darkroom_messages_dead_lettered", "Messages published as dead.", labels=["queue"]
        )
        consuming = GaugeMetricFamily(
            "darkroom_consuming", "1 while the broker has this consumer.", labels=["queue"]
        )
        for subscriber in self._subscribers:
            handled.add_metric([subscriber.queue], subscriber.handled)
            dead.add_metric([subscriber.queue], subscriber.dead_lettered)
            consuming.add_metric([subscriber.queue], float(subscriber.consuming))
        yield from (handled, dead, consuming)


def _counter(name: str, help: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"darkroom_{name}", help, value)
