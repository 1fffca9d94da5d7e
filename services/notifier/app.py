"""Where the notifier's objects meet, and nowhere else.

notifier.outcomes > subscribers > service > repository > Postgres (verdict, outbox)
                                             outbox > relay > media.events
"""

from prometheus_client import CollectorRegistry

from services.notifier.metrics import NotifierMetrics
from services.notifier.routes import http_app
from services.notifier.service import NotificationService
from services.notifier.settings import NotifierSettings
from services.notifier.subscribers import outcomes_subscriber
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.clock import SystemClock
from shared.database.engine import create_engine
from shared.messaging.publisher import Publisher
from shared.messaging.relay import OutboxRelay
from shared.messaging.session import BrokerSession, make_broker
from shared.messaging.topology import NOTIFIER_QUEUES
from shared.observability import database_check

NAME = "notifier"


class NotifierApp:
    """The notifier, put together."""

    def __init__(self, settings: NotifierSettings) -> None:
        registry = CollectorRegistry()
        self._engine = create_engine(settings.database_url, application=NAME)
        self._publisher = Publisher(settings.rabbitmq_url, app_id=NAME)
        self._relay = OutboxRelay(self._engine, self._publisher)
        service = NotificationService(self._unit_of_work, SystemClock(), NotifierMetrics(registry))
        outcomes = outcomes_subscriber(service, self._publisher)
        self._session = BrokerSession(
            make_broker(settings.rabbitmq_url, app_id=NAME),
            self._publisher,
            [outcomes],
            NOTIFIER_QUEUES,
            may_declare=settings.may_declare,
        )
        checks = {"database": database_check(self._engine), "broker": self._session.problem}
        self.asgi = http_app(checks, registry, self._relay, outcomes)

    async def start(self) -> None:
        self._session.start()
        self._relay.start()

    async def stop(self) -> None:
        await self._session.stop()
        await self._relay.stop()
        await self._session.close()
        await self._engine.dispose()

    def _unit_of_work(self) -> NotifierUnitOfWork:
        return NotifierUnitOfWork(self._engine, after_commit=self._relay.wake)
