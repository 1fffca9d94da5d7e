"""The notifier's HTTP side: health and metrics."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from shared.events import CloudEvent
from shared.messaging.relay import OutboxRelay
from shared.messaging.subscriber import BatchSubscriber
from shared.observability import Check, health_routes, metrics_route


def http_app(
    checks: Mapping[str, Check],
    registry: CollectorRegistry,
    relay: OutboxRelay,
    outcomes: BatchSubscriber[CloudEvent],
) -> Starlette:
    """Ready when all checks find nothing."""
    metrics = metrics_route(registry, relay=relay, subscribers=[outcomes])
    return Starlette(routes=[*health_routes(checks), metrics])
