"""Everything that the notifier answers."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from starlette.applications import Starlette
from starlette.types import ASGIApp

from services.notifier.metrics import pending_figures, webhook_figures
from services.notifier.routes.authenticating import OnlyTheApi
from services.notifier.routes.deliveries import delivery_routes
from services.notifier.routes.endpoints import endpoint_routes
from services.notifier.service import ClosingService
from services.notifier.service.webhooks import DeliveryService, EndpointService
from shared.events import CloudEvent
from shared.http import BodyLimit, RequestLog, exception_handlers
from shared.messaging.relay import OutboxRelay
from shared.messaging.subscriber import BatchSubscriber
from shared.observability import Check, health_routes, metrics_route


def http_app(
    checks: Mapping[str, Check],
    registry: CollectorRegistry,
    relay: OutboxRelay,
    outcomes: BatchSubscriber[CloudEvent],
    *,
    closing: ClosingService,
    endpoints: EndpointService,
    deliveries: DeliveryService,
    token: str | None,
) -> ASGIApp:
    """Ready when all checks find nothing. With a `token` it answers nobody who does not say it."""

    async def pending() -> list[Metric]:
        return pending_figures(await closing.count_pending())

    async def webhooks() -> list[Metric]:
        return webhook_figures(await deliveries.standing())

    metrics = metrics_route(
        registry, relay=relay, subscribers=[outcomes], checks=checks, readings=[pending, webhooks]
    )
    app = Starlette(
        routes=[
            *health_routes(checks),
            metrics,
            *endpoint_routes(endpoints),
            *delivery_routes(deliveries),
        ],
        exception_handlers=exception_handlers(),
    )
    guarded = OnlyTheApi(app, token) if token else app
    return RequestLog(BodyLimit(guarded))
