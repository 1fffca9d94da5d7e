"""/metrics for Prometheus: the parts every service has, and whatever it puts into its registry.

The parts count for themselves; they are read when Prometheus asks. Neighbour: `readings`, which
looks up what nobody counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.observability.health import Check
from shared.observability.readings import (
    Backlog,
    Reading,
    Readings,
    outbox_reading,
    readiness_reading,
)


class Relay(Backlog, Protocol):
    """What is read of an outbox relay."""

    published: int
    quarantined: int


class Subscriber(Protocol):
    """What is read of a batch subscriber."""

    @property
    def queue(self) -> str: ...

    @property
    def handled(self) -> int: ...

    @property
    def dead_lettered(self) -> int: ...

    @property
    def consuming(self) -> bool: ...

    @property
    def problem(self) -> str | None: ...


def metrics_route(
    registry: CollectorRegistry,
    *,
    relay: Relay | None = None,
    subscribers: Sequence[Subscriber] = (),
    checks: Mapping[str, Check] | None = None,
    readings: Sequence[Reading] = (),
) -> Route:
    """Everything in `registry`, the process, the outbox, the queues' consumers and readiness."""
    readings = [*readings, readiness_reading(checks or {})]
    if relay is not None:
        registry.register(_RelayCollector(relay))
        readings.append(outbox_reading(relay))
    looked_up = Readings(readings)
    registry.register(looked_up)
    registry.register(_SubscriberCollector(subscribers))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)

    async def metrics(_: Request) -> Response:
        await looked_up.look()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics, methods=["GET"], include_in_schema=False)


class _RelayCollector(Collector):
    """What the relay of this process has done."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def collect(self) -> Iterator[Metric]:
        yield _counter("outbox_published", "Messages published.", self._relay.published)
        yield _counter(
            "outbox_quarantined", "Messages that could not be delivered.", self._relay.quarantined
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
        held = GaugeMetricFamily(
            "darkroom_consumer_held",
            "1 while it takes no more, because what it took cannot be handled now.",
            labels=["queue"],
        )
        for subscriber in self._subscribers:
            handled.add_metric([subscriber.queue], subscriber.handled)
            dead.add_metric([subscriber.queue], subscriber.dead_lettered)
            consuming.add_metric([subscriber.queue], float(subscriber.consuming))
            held.add_metric([subscriber.queue], float(subscriber.problem is not None))
        yield from (handled, dead, consuming, held)


def _counter(name: str, help: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"darkroom_{name}", help, value)
