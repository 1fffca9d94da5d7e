"""All use cases of the api, put together on a unit of work and an asset store."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from prometheus_client import CollectorRegistry

from services.api.metrics import (
    AccessMetrics,
    ApiMetrics,
    DeadLetterMetrics,
    LimitMetrics,
    RetentionMetrics,
    StreamMetrics,
)
from services.api.models import KeyRules, Retention, TenantLimits
from services.api.service.access import AccessService
from services.api.service.backlog import Backlog, QueueLimits
from services.api.service.budgets import BudgetService
from services.api.service.cancellation import CancellationService
from services.api.service.catalogue import AWAY, GeneratorCatalogue
from services.api.service.collecting import GRACE, ClearableStore, CollectionService
from services.api.service.command_answers import CommandAnswers
from services.api.service.commands import Commanding, CommandService
from services.api.service.content import AssetReader, ContentService
from services.api.service.control import GeneratorControlService
from services.api.service.dead_letters import DeadLetterService
from services.api.service.deadlines import DeadlineService
from services.api.service.deleting import DeletionService
from services.api.service.drafting import JobDrafts, RequestDefaults
from services.api.service.event_follower import EventFollower
from services.api.service.event_hub import EventHub
from services.api.service.key_purging import KeyPurging
from services.api.service.key_ring import KeyRing
from services.api.service.keys import KeyService
from services.api.service.limit_book import LimitBook
from services.api.service.limits import LimitCatalogue
from services.api.service.listening import ListeningService, Streaming
from services.api.service.live_progress import LiveProgress
from services.api.service.paying import PaidRequests
from services.api.service.projection import ProjectionService
from services.api.service.queries import MediaQueryService
from services.api.service.rates import RateLimits
from services.api.service.reconciling import ReconciliationService
from services.api.service.replaying import ReplayService
from services.api.service.requests import MediaRequestService
from services.api.service.retrying import RetryService
from services.api.service.senders import Senders
from services.api.service.sharing import FairShare
from services.api.service.upload_room import UploadRoom
from services.api.service.uploads import KeepsUploads, UploadService
from services.api.service.waiting import JobWaiters, JobWaitService
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock, NewId
from shared.messaging.publisher import PublishesMany


@dataclass(frozen=True, slots=True)
class ApiServices:
    """All use cases, for the doors to choose from."""

    requests: MediaRequestService
    backlog: Backlog
    fair_share: FairShare
    retrying: RetryService
    cancellation: CancellationService
    reconciliation: ReconciliationService
    budgets: BudgetService
    limits: LimitBook
    limit_catalogue: LimitCatalogue
    rates: RateLimits
    commands: CommandService
    deadlines: DeadlineService
    queries: MediaQueryService
    deletion: DeletionService
    collection: CollectionService
    waiting: JobWaitService
    content: ContentService
    uploads: UploadService
    catalogue: GeneratorCatalogue
    control: GeneratorControlService
    access: AccessService
    key_ring: KeyRing
    keys: KeyService
    key_purging: KeyPurging
    refused_callers: AccessMetrics
    projection: ProjectionService
    live: LiveProgress
    hub: EventHub
    follower: EventFollower
    listening: ListeningService
    dead_letters: DeadLetterService
    replaying: ReplayService


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long what is kept, and how it is handed out.

    Bytes that nobody refers to stay for the `grace`. `presigned_for`: how long addresses of a
    remote store are good for; None: all bytes go through the api. `lengthy`: a unit of work that
    may look at everything.
    """

    retention: Retention = field(default_factory=Retention)
    grace: timedelta = GRACE
    presigned_for: timedelta | None = None
    lengthy: OpenUnitOfWork | None = None


class Assets(AssetReader, KeepsUploads, ClearableStore, Protocol):
    """What is needed of the asset store."""


def make_services(
    unit_of_work: OpenUnitOfWork,
    assets: Assets,
    publisher: PublishesMany,
    *,
    clock: Clock,
    new_id: NewId,
    registry: CollectorRegistry,
    patient: OpenUnitOfWork | None = None,
    defaults: RequestDefaults | None = None,
    limits: QueueLimits | None = None,
    tenant_limits: TenantLimits | None = None,
    keeping: Keeping | None = None,
    operator_key: str | None = None,
    key_rules: KeyRules | None = None,
    commanding: Commanding | None = None,
    streams: Streaming | None = None,
    generators_away: timedelta = AWAY,
) -> ApiServices:
    """Every use case, on what is given.

    `unit_of_work` is for what somebody waits for, `patient` for work that may take longer.
    """
    patient, keeping = patient or unit_of_work, keeping or Keeping()
    streams, key_rules = streams or Streaming(), key_rules or KeyRules()
    metrics, graves = ApiMetrics(registry), DeadLetterMetrics(registry)
    waiters, live, stored = JobWaiters(), LiveProgress(), RetentionMetrics(registry)
    catalogue = GeneratorCatalogue(unit_of_work, clock, generators_away)
    tenants = LimitCatalogue(patient, tenant_limits or TenantLimits())
    hub = EventHub(lambda tenant: tenants.of(tenant).streams)
    follower = EventFollower(patient, hub, waiters)
    StreamMetrics(registry, hub.count)
    ring = KeyRing(unit_of_work, clock)
    backlog = Backlog(
        patient,
        clock,
        metrics,
        limits or QueueLimits(),
        lambda tenant: tenants.of(tenant).queued_jobs,
    )
    limited, refused_callers = LimitMetrics(registry), AccessMetrics(registry)
    rates = RateLimits(unit_of_work, tenants, limited)
    drafts = JobDrafts(clock, new_id, defaults or RequestDefaults())
    requests = MediaRequestService(
        unit_of_work,
        catalogue,
        drafts,
        backlog,
        metrics,
        paid=PaidRequests(unit_of_work, clock, metrics),
        rates=rates,
    )
    cancellation = CancellationService(unit_of_work, clock)
    queries = MediaQueryService(unit_of_work, live, keeping.retention, backlog)
    access, commanding = AccessService(ring, clock, operator_key), commanding or Commanding()
    commands = CommandService(
        requests,
        cancellation,
        unit_of_work,
        answers=CommandAnswers(queries.view, clock),
        senders=Senders(access if commanding.keys_needed else None, refused_callers),
        direct=commanding.direct,
    )
    return ApiServices(
        requests=requests,
        backlog=backlog,
        fair_share=FairShare(patient, backlog),
        retrying=RetryService(unit_of_work, requests),
        cancellation=cancellation,
        reconciliation=ReconciliationService(unit_of_work, clock),
        budgets=BudgetService(unit_of_work, clock),
        limits=LimitBook(unit_of_work, tenants, rates, backlog),
        limit_catalogue=tenants,
        rates=rates,
        commands=commands,
        deadlines=DeadlineService(patient, clock, metrics),
        queries=queries,
        deletion=DeletionService(unit_of_work, patient, clock, stored, keeping.retention),
        collection=CollectionService(
            keeping.lengthy or patient,
            assets,
            clock,
            new_id,
            metrics=stored,
            grace=keeping.grace,
        ),
        waiting=JobWaitService(unit_of_work, waiters),
        content=ContentService(unit_of_work, assets, presigned_for=keeping.presigned_for),
        uploads=UploadService(
            unit_of_work,
            assets,
            clock,
            new_id,
            room=UploadRoom(unit_of_work, tenants, clock, limited),
        ),
        catalogue=catalogue,
        access=access,
        key_ring=ring,
        keys=KeyService(unit_of_work, ring, clock, new_id, most=key_rules.most, limited=limited),
        key_purging=KeyPurging(patient, clock, key_rules.kept),
        refused_callers=refused_callers,
        control=GeneratorControlService(unit_of_work, catalogue, clock),
        projection=ProjectionService(patient, catalogue, waiters, live, metrics),
        live=live,
        hub=hub,
        follower=follower,
        listening=ListeningService(unit_of_work, hub, follower, streams),
        dead_letters=DeadLetterService(unit_of_work, patient, clock, graves),
        replaying=ReplayService(
            unit_of_work,
            patient,
            publisher,
            clock=clock,
            metrics=graves,
            user=commanding.user,
        ),
    )
