"""The notifier's HTTP side: health and metrics."""

from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from shared.events import CloudEvent
from shared.messaging.relay import OutboxRelay
from shared.messaging.session import BrokerSession
from shared.messaging.subscriber import BatchSubscriber
from shared.observability import database_check, health_routes, metrics_route


def http_app(
    engine: AsyncEngine,
    session: BrokerSession,
    registry: CollectorRegistry,
    relay: OutboxRelay,
    outcomes: BatchSubscriber[CloudEvent],
) -> Starlette:
    """Ready when the database and the broker are."""
    checks = {"database": database_check(engine), "broker": session.problem}
    metrics = metrics_route(registry, relay=relay, subscribers=[outcomes])
    return Starlette(routes=[*health_routes(checks), metrics])
