"""Where the api's objects meet, and nowhere else.

HTTP, api.commands > routes, subscribers > service > repository > Postgres (job, job_event, outbox)
outbox > relay > media.events > … > api.progress > projection > read model
"""

from datetime import timedelta

from prometheus_client import CollectorRegistry

from services.api.routes import http_app
from services.api.service import ApiServices, make_services
from services.api.service.content import AssetReader
from services.api.settings import ApiSettings
from services.api.subscribers import api_subscribers, follow_live_news
from services.api.unit_of_work import ApiUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.database.engine import create_engine
from shared.messaging.publisher import Publisher
from shared.messaging.relay import OutboxRelay
from shared.messaging.session import BrokerSession, make_broker
from shared.messaging.topology import API_QUEUES
from shared.observability import database_check, health_routes, metrics_route
from shared.periodic import Periodic
from shared.service import SettingsError
from shared.storage import from_url

NAME = "api"


class ApiApp:
    """The api, put together."""

    def __init__(self, settings: ApiSettings) -> None:
        clock, registry = SystemClock(), CollectorRegistry()
        self._engine = create_engine(settings.database_url, application=NAME, pool_size=15)
        self._publisher = Publisher(settings.rabbitmq_url, app_id=NAME)
        self._relay = OutboxRelay(self._engine, self._publisher)
        self._services: ApiServices = make_services(
            self._unit_of_work,
            _asset_store(settings),
            clock,
            uuid7,
            registry,
            max_attempts=settings.max_attempts,
        )
        subscribers = api_subscribers(self._services, self._publisher, clock, uuid7)
        broker = make_broker(settings.rabbitmq_url, app_id=NAME)
        if settings.may_declare:
            follow_live_news(broker, self._services.live, uuid7())
        self._session = BrokerSession(
            broker, self._publisher, subscribers, API_QUEUES, may_declare=settings.may_declare
        )
        self._periodic = self._housekeeping(settings)
        checks = {"database": database_check(self._engine), "broker": self._session.problem}
        metrics = metrics_route(registry, relay=self._relay, subscribers=subscribers)
        self.asgi = http_app(self._services, [*health_routes(checks), metrics])

    async def start(self) -> None:
        self._services.requests.start()
        self._session.start()
        self._relay.start()
        for periodic in self._periodic:
            periodic.start()

    async def stop(self) -> None:
        for periodic in self._periodic:
            await periodic.stop()
        await self._session.stop()
        await self._services.requests.stop()
        await self._relay.stop()
        await self._session.close()
        await self._engine.dispose()

    def _housekeeping(self, settings: ApiSettings) -> tuple[Periodic, ...]:
        services, renewal = self._services, timedelta(seconds=settings.catalogue_seconds)
        return (
            Periodic("catalogue.renewal", services.catalogue.renew, renewal),
            Periodic("deadlines", services.deadlines.announce_overdue, timedelta(seconds=1)),
            Periodic("keys.expiry", services.requests.forget_expired_keys, timedelta(minutes=5)),
        )

    def _unit_of_work(self) -> ApiUnitOfWork:
        return ApiUnitOfWork(self._engine, after_commit=self._relay.wake)


def _asset_store(settings: ApiSettings) -> AssetReader:
    if settings.store_url is None:
        raise SettingsError("DARKROOM_STORE_URL is not set: where the generators keep assets.")
    try:
        return from_url(settings.store_url)
    except ValueError as error:
        raise SettingsError(f"DARKROOM_STORE_URL is wrong: {error}") from error
