"""The generator's HTTP side: health and metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from shared.messaging.relay import OutboxRelay
from shared.messaging.subscriber import BatchSubscriber
from shared.observability import Check, Reading, health_routes, metrics_route


def http_app(
    checks: Mapping[str, Check],
    numbers: CollectorRegistry,
    relay: OutboxRelay,
    subscribers: Sequence[BatchSubscriber[Any]],
    readings: Sequence[Reading] = (),
) -> Starlette:
    """Ready when every check is content."""
    metrics = metrics_route(
        numbers, relay=relay, subscribers=subscribers, checks=checks, readings=readings
    )
    return Starlette(routes=[*health_routes(checks), metrics])
