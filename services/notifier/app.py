"""Where the notifier's objects meet, and nowhere else.

notifier.outcomes > subscribers > service > repository > Postgres (verdict, pending end, outbox)
                      a second's tick > closing               outbox > relay > media.events
webhooks due (Postgres) > sender > addresses outside;  the api > routes > endpoints, deliveries
"""

import random
from datetime import timedelta
from importlib.metadata import version

from prometheus_client import CollectorRegistry

from services.notifier.metrics import NotifierMetrics
from services.notifier.repository.deliveries import Manners
from services.notifier.repository.endpoints import CHANGED
from services.notifier.routes import http_app
from services.notifier.service import Attention, ClosingService, NotificationService
from services.notifier.service.webhooks import (
    DeliveryService,
    Disabling,
    EndpointCatalogue,
    EndpointService,
    Outside,
    Poster,
    Resolver,
    Schedule,
    WebhookSender,
)
from services.notifier.settings import NotifierSettings
from services.notifier.subscribers import outcomes_subscriber
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.database.engine import close_engine, create_engine
from shared.database.listening import Listener
from shared.messaging.publisher import Publisher
from shared.messaging.relay import OutboxRelay
from shared.messaging.session import BrokerSession, make_broker
from shared.messaging.topology import NOTIFIER_QUEUES
from shared.observability import database_check
from shared.periodic import Periodic

NAME = "notifier"
CLOSING = timedelta(seconds=1)
FORGETTING = timedelta(minutes=1)
RENEWAL = timedelta(seconds=2)
TIDYING = timedelta(seconds=5)
LEASE_BEYOND_CALL = timedelta(seconds=15)


class NotifierApp:
    """The notifier, put together."""

    def __init__(self, settings: NotifierSettings) -> None:
        clock, registry = SystemClock(), CollectorRegistry()
        metrics = NotifierMetrics(registry)
        self._engine = create_engine(settings.database_url, application=NAME)
        self._publisher = Publisher(settings.rabbitmq_url, app_id=NAME)
        self._relay_engine = create_engine(
            settings.database_url, application=f"{NAME}-relay", pool_size=2, durable=False
        )
        self._relay = OutboxRelay(self._relay_engine, self._publisher)
        # What a crash of the database loses of calls is made again: receivers know the id.
        self._calling_engine = create_engine(
            settings.database_url, application=f"{NAME}-webhooks", pool_size=4, durable=False
        )
        self._catalogue = catalogue = EndpointCatalogue(self._unit_of_work, uuid7)
        self._sender = self._webhook_sender(settings, metrics)
        catalogue.wakes(self._sender.wake)
        self._service = NotificationService(
            self._unit_of_work, clock, metrics, settings.answer_grace, catalogue
        )
        database = database_check(self._engine)
        outcomes = outcomes_subscriber(self._service, self._publisher)
        self._session = BrokerSession(
            make_broker(settings.rabbitmq_url, app_id=NAME),
            self._publisher,
            [outcomes],
            NOTIFIER_QUEUES,
            may_declare=settings.may_declare,
            gate=database,
        )
        attention = Attention(self._session.problem, clock)
        closing = ClosingService(
            self._unit_of_work,
            clock,
            metrics,
            attention,
            webhooks=catalogue,
            grace=settings.answer_grace,
        )
        endpoints = EndpointService(
            self._unit_of_work,
            catalogue,
            self._outside,
            self._poster.post,
            clock=clock,
            new_id=uuid7,
            most=settings.webhook_endpoints_per_tenant,
        )
        self._deliveries = DeliveryService(
            self._unit_of_work, self._sender.wake, settings.webhook_retention_days
        )
        renewal = Periodic("webhooks.renewal", catalogue.renew, RENEWAL)
        self._listener = Listener(self._engine, CHANGED, lambda _: renewal.wake())
        self._periodic = (
            renewal,
            Periodic("webhooks.house", self._deliveries.keep_house, FORGETTING),
            Periodic("webhooks.idle", self._poster.connections.drop_stale, TIDYING),
            Periodic("closing", closing.close_overdue, CLOSING),
            Periodic("forgetting", closing.forget_ended, FORGETTING),
        )
        checks = {"database": database, "broker": self._session.problem}
        self.asgi = http_app(
            checks,
            registry,
            self._relay,
            outcomes,
            closing=closing,
            endpoints=endpoints,
            deliveries=self._deliveries,
            token=settings.api_token,
        )

    async def start(self) -> None:
        self._session.start()
        self._relay.start()
        self._sender.start()
        self._listener.start()
        for periodic in self._periodic:
            periodic.start()

    async def stop(self) -> None:
        for periodic in self._periodic:
            await periodic.stop()
        await self._session.stop()
        await self._listener.stop()
        await self._sender.stop()
        await self._poster.connections.close()
        self._resolver.close()
        await self._relay.stop()
        await self._session.close()
        await close_engine(self._calling_engine)
        await close_engine(self._relay_engine)
        await close_engine(self._engine)

    def _webhook_sender(
        self, settings: NotifierSettings, metrics: NotifierMetrics
    ) -> WebhookSender:
        clock, timeout = SystemClock(), timedelta(seconds=settings.webhook_timeout_seconds)
        self._resolver = Resolver(settings.webhook_concurrency)
        self._outside = Outside(
            settings.webhook_port_ranges,
            timeout,
            settings.webhook_allow_private,
            settings.webhook_hosts,
            settings.webhook_ca_file,
            self._resolver,
        )
        self._poster = Poster(
            self._outside,
            clock,
            user_agent=f"Darkroom/{version('darkroom')}",
            kept=settings.webhook_concurrency,
        )
        manners = Manners(
            per_lane=settings.webhook_concurrency_per_endpoint,
            lease=timeout + LEASE_BEYOND_CALL,
            breaker=settings.webhook_breaker_failures,
            hold=timedelta(seconds=settings.webhook_breaker_seconds),
            patience=timedelta(days=settings.webhook_disable_after_days),
        )
        return WebhookSender(
            lambda: NotifierUnitOfWork(self._calling_engine),
            self._poster.post,
            Schedule(settings.webhook_pauses, random.SystemRandom().random),
            manners,
            disabling=Disabling(self._unit_of_work, clock),
            counts=metrics,
            clock=clock,
            new_id=uuid7,
            concurrency=settings.webhook_concurrency,
        )

    def _unit_of_work(self) -> NotifierUnitOfWork:
        return NotifierUnitOfWork(self._engine, after_commit=self._relay.hand_over)
