"""Where the notifier's objects meet, and nowhere else.

notifier.outcomes > subscribers > service > repository > Postgres (verdict, pending end, outbox)
                      a second's tick > closing               outbox > relay > media.events
"""

from datetime import timedelta

from prometheus_client import CollectorRegistry

from services.notifier.metrics import NotifierMetrics
from services.notifier.routes import http_app
from services.notifier.service import Attention, ClosingService, NotificationService
from services.notifier.settings import NotifierSettings
from services.notifier.subscribers import outcomes_subscriber
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.clock import SystemClock
from shared.database.engine import close_engine, create_engine
from shared.messaging.publisher import Publisher
from shared.messaging.relay import OutboxRelay
from shared.messaging.session import BrokerSession, make_broker
from shared.messaging.topology import NOTIFIER_QUEUES
from shared.observability import database_check
from shared.periodic import Periodic

NAME = "notifier"
CLOSING = timedelta(seconds=1)
FORGETTING = timedelta(minutes=1)


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
        service = NotificationService(self._unit_of_work, clock, metrics, settings.answer_grace)
        database = database_check(self._engine)
        outcomes = outcomes_subscriber(service, self._publisher)
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
            self._unit_of_work, clock, metrics, attention, settings.answer_grace
        )
        self._periodic = (
            Periodic("closing", closing.close_overdue, CLOSING),
            Periodic("forgetting", closing.forget_ended, FORGETTING),
        )
        checks = {"database": database, "broker": self._session.problem}
        self.asgi = http_app(checks, registry, self._relay, outcomes, closing)

    async def start(self) -> None:
        self._session.start()
        self._relay.start()
        for periodic in self._periodic:
            periodic.start()

    async def stop(self) -> None:
        for periodic in self._periodic:
            await periodic.stop()
        await self._session.stop()
        await self._relay.stop()
        await self._session.close()
        await close_engine(self._relay_engine)
        await close_engine(self._engine)

    def _unit_of_work(self) -> NotifierUnitOfWork:
        return NotifierUnitOfWork(self._engine, after_commit=self._relay.hand_over)
