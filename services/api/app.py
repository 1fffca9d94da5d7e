"""Where the api's objects meet, and nowhere else.

HTTP, api.commands > routes, subscribers > service > repository > Postgres (job, job_event, outbox)
outbox > relay > media.events > … > api.progress > projection > read model
"""

from datetime import timedelta
from functools import partial

from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.api.models import KeyRules, Retention, TenantLimits
from services.api.repository.keys import CHANGED as KEYS_CHANGED
from services.api.repository.keys import NEW as NEW_KEY
from services.api.repository.limits import CHANGED as LIMITS_CHANGED
from services.api.routes import http_app
from services.api.service import ApiServices, Commanding, Keeping, Streaming, make_services
from services.api.service.backlog import COUNT_EVERY, QueueLimits
from services.api.service.drafting import RequestDefaults
from services.api.service.event_follower import LOOK_EVERY
from services.api.service.key_ring import RENEW_EVERY
from services.api.service.limits import RENEW_EVERY as RENEW_LIMITS_EVERY
from services.api.service.notifier import Notifier
from services.api.settings import ApiSettings
from services.api.subscribers import api_subscribers, follow_live_news
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.database.engine import close_engine, create_engine
from shared.database.listening import Listener
from shared.messaging.answers import DirectAnswers
from shared.messaging.connection import user_of
from shared.messaging.publisher import Publisher
from shared.messaging.relay import OutboxRelay
from shared.messaging.session import BrokerSession, make_broker
from shared.messaging.topology import API_QUEUES
from shared.observability import database_check, health_routes, metrics_route, store_readings
from shared.periodic import Periodic
from shared.service import SettingsError
from shared.storage import AssetStore, from_url

NAME = "api"
HOUSEKEEPING = timedelta(seconds=15)
COLLECTING = timedelta(minutes=10)
LOOKING_THROUGH_ALL = timedelta(minutes=10)
ANSWER_WITHIN = timedelta(seconds=2.5)
"""What somebody waits for is given up when the database takes longer: 503, ask again.

A request may have to wait for the batch before its own, so twice this is less than its patience:
whoever is told 503 was not accepted, unless the commit itself hung.
"""


class ApiApp:
    """The api, put together."""

    def __init__(self, settings: ApiSettings) -> None:
        clock, registry = SystemClock(), CollectorRegistry()
        self._engine = create_engine(settings.database_url, application=NAME, pool_size=15)
        self._publisher = Publisher(settings.rabbitmq_url, app_id=NAME)
        self._answers = DirectAnswers(Publisher(settings.rabbitmq_url, app_id=f"{NAME}-answers"))
        self._relay_engine = create_engine(
            settings.database_url, application=f"{NAME}-relay", pool_size=2, durable=False
        )
        self._relay = OutboxRelay(self._relay_engine, self._publisher)
        commanding = _commanding(settings, self._answers)
        self._services: ApiServices = make_services(
            self._unit_of_work,
            _asset_store(settings),
            self._publisher,
            clock=clock,
            new_id=uuid7,
            registry=registry,
            patient=self._patient_unit_of_work,
            defaults=_request_defaults(settings),
            limits=QueueLimits(
                settings.queued_limit, settings.queued_limit_per_generator, settings.fair_share
            ),
            tenant_limits=_tenant_limits(settings),
            keeping=_keeping(settings, self._lengthy_unit_of_work),
            streams=_streams(settings),
            generators_away=timedelta(seconds=settings.generators_away_seconds),
            operator_key=_secret(settings.operator_key),
            key_rules=_key_rules(settings),
            commanding=commanding,
        )
        subscribers = api_subscribers(
            self._services, self._publisher, clock, uuid7, user=commanding.user
        )
        broker = make_broker(settings.rabbitmq_url, app_id=NAME)
        if settings.may_declare:
            follow_live_news(broker, self._services, uuid7())
        database = database_check(self._engine)
        self._session = BrokerSession(
            broker,
            self._publisher,
            subscribers,
            API_QUEUES,
            may_declare=settings.may_declare,
            gate=database,
        )
        self._keys_needed = settings.auth == "keys"
        self._keys = Periodic("keys.renewal", self._services.key_ring.renew, RENEW_EVERY)
        self._hearing = Listener(self._engine, KEYS_CHANGED, self._hear_of_keys)
        limits = self._services.limit_catalogue
        self._limits = Periodic("limits.renewal", limits.renew, RENEW_LIMITS_EVERY)
        self._hearing_of_limits = Listener(
            self._engine, LIMITS_CHANGED, lambda _said: self._limits.wake()
        )
        self._periodic = (self._limits, *self._housekeeping(settings))
        checks = {"database": database, "broker": self._session.problem}
        metrics = metrics_route(
            registry,
            relay=self._relay,
            subscribers=subscribers,
            checks=checks,
            readings=store_readings(settings.store_url),
        )
        self._notifier = Notifier(settings.notifier_url, settings.api_token)
        self.asgi = http_app(
            self._services,
            [*health_routes(checks), metrics],
            largest_upload=settings.upload_max_bytes,
            notifier=self._notifier,
            keys_needed=self._keys_needed,
        )

    async def start(self) -> None:
        if self._keys_needed:
            self._services.key_ring.start()
            self._keys.start()
            self._hearing.start()
        self._services.rates.start()
        self._hearing_of_limits.start()
        self._services.requests.start()
        self._session.start()
        self._relay.start()
        for periodic in self._periodic:
            periodic.start()

    def leave(self) -> None:
        """Open streams end, to be resumed elsewhere."""
        self._services.hub.close()

    async def stop(self) -> None:
        self.leave()
        for periodic in self._periodic:
            await periodic.stop()
        await self._session.stop()
        await self._answers.stop()
        await self._services.requests.stop()
        await self._hearing_of_limits.stop()
        await self._services.rates.stop()
        if self._keys_needed:
            await self._hearing.stop()
            await self._keys.stop()
            await self._services.key_ring.stop()
        await self._relay.stop()
        await self._session.close()
        await self._notifier.close()
        await close_engine(self._relay_engine)
        await close_engine(self._engine)

    def _housekeeping(self, settings: ApiSettings) -> tuple[Periodic, ...]:
        services, renewal = self._services, timedelta(seconds=settings.catalogue_seconds)
        following = Periodic("events.follow", services.follower.look, LOOK_EVERY)
        services.follower.wake = following.wake
        return (
            Periodic("catalogue.renewal", services.catalogue.renew, renewal),
            following,
            Periodic("deadlines", services.deadlines.announce_overdue, timedelta(seconds=1)),
            Periodic("backlog.count", services.fair_share.keep, COUNT_EVERY),
            Periodic("dead_letters.house", services.dead_letters.keep_house, HOUSEKEEPING),
            Periodic("limits.give_back", services.rates.give_back_unused, timedelta(seconds=1)),
            Periodic("limits.house", services.rates.tidy, timedelta(minutes=5)),
            Periodic("keys.house", services.key_purging.tidy, timedelta(hours=1)),
            Periodic("budgets.house", services.budgets.tidy, timedelta(minutes=5)),
            Periodic("retention", services.deletion.sweep, timedelta(seconds=30)),
            *self._collecting(settings),
            Periodic("keys.expiry", services.requests.forget_expired_keys, timedelta(minutes=5)),
        )

    def _collecting(self, settings: ApiSettings) -> tuple[Periodic, ...]:
        if not settings.collect_seconds:
            return ()
        every = timedelta(seconds=settings.collect_seconds)
        collect = partial(self._services.collection.collect_when_due, every)
        return (Periodic("content.collection", collect, min(every, COLLECTING)),)

    def _hear_of_keys(self, said: str) -> None:
        self._services.key_ring.hear(said)
        if said != NEW_KEY:
            self._keys.wake()

    def _unit_of_work(self) -> ApiUnitOfWork:
        return ApiUnitOfWork(self._engine, after_commit=self._relay.hand_over, within=ANSWER_WITHIN)

    def _patient_unit_of_work(self) -> ApiUnitOfWork:
        return ApiUnitOfWork(self._engine, after_commit=self._relay.hand_over)

    def _lengthy_unit_of_work(self) -> ApiUnitOfWork:
        return ApiUnitOfWork(self._engine, within=LOOKING_THROUGH_ALL)


def _request_defaults(settings: ApiSettings) -> RequestDefaults:
    return RequestDefaults(settings.max_attempts, timedelta(seconds=settings.total_timeout_seconds))


def _commanding(settings: ApiSettings, answers: DirectAnswers) -> Commanding:
    if settings.auth != "keys":
        return Commanding(answers)
    return Commanding(answers, keys_needed=True, user=user_of(settings.rabbitmq_url))


def _streams(settings: ApiSettings) -> Streaming:
    return Streaming(
        timedelta(seconds=settings.heartbeat_seconds),
        timedelta(seconds=settings.stream_seconds),
    )


def _tenant_limits(settings: ApiSettings) -> TenantLimits:
    return TenantLimits(
        requests=settings.requests_rate,
        jobs=settings.jobs_rate,
        queued_jobs=settings.queued_limit_per_tenant or None,
        uploads=settings.upload_limit_per_tenant or None,
        upload_bytes=settings.upload_bytes_per_tenant or None,
        streams=settings.listeners_per_tenant,
    )


def _keeping(settings: ApiSettings, lengthy: OpenUnitOfWork) -> Keeping:
    retention = Retention(
        _unless_zero(settings.retention_seconds),
        _unless_zero(settings.upload_retention_seconds),
        timedelta(seconds=settings.tombstone_seconds),
    )
    grace = timedelta(seconds=settings.collect_grace_seconds)
    return Keeping(retention, grace, _unless_zero(settings.presign_seconds), lengthy)


def _key_rules(settings: ApiSettings) -> KeyRules:
    return KeyRules(settings.keys_per_tenant, timedelta(days=settings.keys_kept_days))


def _secret(setting: SecretStr | None) -> str | None:
    return None if setting is None else setting.get_secret_value()


def _unless_zero(seconds: int) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None


def _asset_store(settings: ApiSettings) -> AssetStore:
    if settings.store_url is None:
        raise SettingsError("DARKROOM_STORE_URL is not set: where the generators keep assets.")
    try:
        return from_url(settings.store_url)
    except ValueError as error:
        raise SettingsError(f"DARKROOM_STORE_URL is wrong: {error}") from error
