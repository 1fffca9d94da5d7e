"""All use cases of the api, put together on a unit of work and an asset store."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from services.api.metrics import ApiMetrics
from services.api.service.cancellation import CancellationService
from services.api.service.catalogue import GeneratorCatalogue
from services.api.service.commands import CommandService
from services.api.service.content import AssetReader, ContentService
from services.api.service.dead_letters import DeadLetterService
from services.api.service.deadlines import DeadlineService
from services.api.service.live_progress import LiveProgress
from services.api.service.projection import ProjectionService
from services.api.service.queries import MediaQueryService
from services.api.service.requests import MediaRequestService
from services.api.service.waiting import JobWaiters, JobWaitService
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock, NewId


@dataclass(frozen=True, slots=True)
class ApiServices:
    """All use cases, for the doors to choose from."""

    requests: MediaRequestService
    cancellation: CancellationService
    commands: CommandService
    deadlines: DeadlineService
    queries: MediaQueryService
    waiting: JobWaitService
    content: ContentService
    catalogue: GeneratorCatalogue
    projection: ProjectionService
    live: LiveProgress
    dead_letters: DeadLetterService


def make_services(
    unit_of_work: OpenUnitOfWork,
    assets: AssetReader,
    clock: Clock,
    new_id: NewId,
    registry: CollectorRegistry,
    *,
    max_attempts: int = 5,
) -> ApiServices:
    """Every use case, on what is given."""
    metrics, waiters, live = ApiMetrics(registry), JobWaiters(), LiveProgress()
    catalogue = GeneratorCatalogue(unit_of_work)
    requests = MediaRequestService(
        unit_of_work, catalogue, clock, new_id, metrics, max_attempts=max_attempts
    )
    cancellation = CancellationService(unit_of_work, clock)
    return ApiServices(
        requests=requests,
        cancellation=cancellation,
        commands=CommandService(requests, cancellation, unit_of_work, clock),
        deadlines=DeadlineService(unit_of_work, clock),
        queries=MediaQueryService(unit_of_work, live),
        waiting=JobWaitService(unit_of_work, waiters),
        content=ContentService(unit_of_work, assets),
        catalogue=catalogue,
        projection=ProjectionService(unit_of_work, catalogue, waiters, live, metrics),
        live=live,
        dead_letters=DeadLetterService(unit_of_work),
    )
