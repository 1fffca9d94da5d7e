"""The notifier's HTTP side: health and metrics."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from starlette.applications import Starlette

from services.notifier.metrics import pending_figures
from services.notifier.service import ClosingService
from shared.events import CloudEvent
from shared.messaging.relay import OutboxRelay
from shared.messaging.subscriber import BatchSubscriber
from shared.observability import Check, health_routes, metrics_route


def http_app(
    checks: Mapping[str, Check],
    registry: CollectorRegistry,
    relay: OutboxRelay,
    outcomes: BatchSubscriber[CloudEvent],
    closing: ClosingService,
) -> Starlette:
    """Ready when all checks find nothing."""

    async def pending() -> list[Metric]:
        return pending_figures(await closing.count_pending())

    metrics = metrics_route(
        registry, relay=relay, subscribers=[outcomes], checks=checks, readings=[pending]
    )
    return Starlette(routes=[*health_routes(checks), metrics])
