"""What Prometheus is told of requests, how they ended, and of dead letters."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client import Counter as Count

from services.api.errors import ScopeMissingError, UnauthenticatedError
from services.api.models import Ended, Job, Status
from shared.events import Deadline, DeletionReason

BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)


class ApiMetrics:
    """Figures of one api process. What it counted in the database is the same in all of them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._accepted = Count(
            "darkroom_media_requests_accepted",
            "Requests accepted.",
            ["generator"],
            registry=registry,
        )
        self._refused = Count(
            "darkroom_media_requests_refused",
            "Requests refused because too many wait.",
            ["generator"],
            registry=registry,
        )
        self._over_budget = Count(
            "darkroom_media_requests_over_budget",
            "Requests refused because the budget of their tenant has no room for them.",
            ["generator"],
            registry=registry,
        )
        self._queued = Gauge(
            "darkroom_media_requests_queued",
            "Jobs that wait for their first attempt.",
            ["generator"],
            registry=registry,
        )
        self._late = Count(
            "darkroom_deadlines_passed",
            "Deadlines announced as passed.",
            ["deadline"],
            registry=registry,
        )
        self._ended = Histogram(
            "darkroom_media_request_seconds",
            "From accepted to the final event.",
            ["generator", "status"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._ended_by: dict[tuple[str, Status], Histogram] = {}

    def accepted(self, jobs: Iterable[Job]) -> None:
        """These were accepted."""
        for generator, count in Counter(job.generator for job in jobs).items():
            self._accepted.labels(generator).inc(count)

    def refused(self, generator: str) -> None:
        """A request for this was refused: the queue is full."""
        self._refused.labels(generator).inc()

    def over_budget(self, jobs: Iterable[Job]) -> None:
        """There was not enough money left for these."""
        for job in jobs:
            self._over_budget.labels(job.generator).inc()

    def queued(self, counts: Mapping[str, int]) -> None:
        """So many jobs wait, by generator."""
        for generator, count in counts.items():
            self._queued.labels(generator).set(count)

    def late(self, deadline: Deadline, jobs: Iterable[Job]) -> None:
        """These missed that deadline."""
        self._late.labels(deadline.value).inc(len(list(jobs)))

    def changed(self, jobs: Iterable[Job | Ended]) -> None:
        """These have changed; those that ended are counted."""
        for job in jobs:
            if job.finished_at is not None:
                seconds = (job.finished_at - job.created_at).total_seconds()
                self._timed(job.generator, job.status).observe(max(0.0, seconds))

    def _timed(self, generator: str, status: Status) -> Histogram:
        """Finding a histogram by its labels costs more than observing: they are kept."""
        kept = self._ended_by.get((generator, status))
        if kept is None:
            kept = self._ended_by[generator, status] = self._ended.labels(generator, status.value)
        return kept


class LimitMetrics:
    """Figures of what tenants may."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._refused = Count(
            "darkroom_limit_refusals",
            "Refused because a tenant's limit is reached, by what is limited.",
            ["policy"],
            registry=registry,
        )
        for policy in ("requests", "jobs", "uploads", "upload_bytes", "keys"):
            self._refused.labels(policy)

    def refused(self, policy: str) -> None:
        """This limit of a tenant was reached."""
        self._refused.labels(policy).inc()


class AccessMetrics:
    """Figures of those who were not let in, over HTTP and with commands."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._refused = Count(
            "darkroom_api_refused_callers",
            "Calls and commands refused because of who sent them, by the code of the refusal.",
            ["reason"],
            registry=registry,
        )
        for kind in (UnauthenticatedError, ScopeMissingError):
            self._refused.labels(kind.code)

    def refused(self, problem: UnauthenticatedError | ScopeMissingError) -> None:
        """Nobody knows who this was, or he may not."""
        self._refused.labels(problem.code).inc()


class DeadLetterMetrics:
    """Figures of the store of dead letters."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._stored = Count(
            "darkroom_dead_letters_stored", "Dead letters stored.", registry=registry
        )
        self._replayed = Count(
            "darkroom_dead_letters_replayed", "Dead letters replayed.", registry=registry
        )
        self._waiting = Gauge(
            "darkroom_dead_letters_waiting", "Dead letters not yet replayed.", registry=registry
        )

    def stored(self, count: int) -> None:
        """So many more are in the store."""
        self._stored.inc(count)

    def replayed(self, count: int) -> None:
        """So many more were sent back to their queues."""
        self._replayed.inc(count)

    def waiting(self, count: int) -> None:
        """So many wait for somebody to do something about them."""
        self._waiting.set(count)


class Store(Protocol):
    """What was found in the store."""

    dry_run: bool
    kept_objects: int
    kept_bytes: int
    young_objects: int
    young_bytes: int
    garbage_objects: int
    garbage_bytes: int


class RetentionMetrics:
    """Figures of what is deleted, and of the store."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._deleted = Count(
            "darkroom_media_requests_deleted", "Jobs deleted.", ["reason"], registry=registry
        )
        self._uploads = Count(
            "darkroom_uploads_expired", "Uploads deleted after their time.", registry=registry
        )
        self._freed = Count(
            "darkroom_content_removed", "Stored objects removed as garbage.", registry=registry
        )
        self._freed_bytes = Count(
            "darkroom_content_removed_bytes", "Their bytes.", registry=registry
        )
        self._objects = Gauge(
            "darkroom_content_objects",
            "Stored objects when they were last looked through.",
            ["state"],
            registry=registry,
        )
        self._bytes = Gauge("darkroom_content_bytes", "Their bytes.", ["state"], registry=registry)

    def deleted(self, reason: DeletionReason, jobs: int) -> None:
        """So many jobs were deleted."""
        self._deleted.labels(reason.value).inc(jobs)

    def uploads_deleted(self, uploads: int) -> None:
        """So many uploads were deleted because their time was over."""
        self._uploads.inc(uploads)

    def collected(self, found: Store) -> None:
        """The store was looked through."""
        if not found.dry_run:
            self._freed.inc(found.garbage_objects)
            self._freed_bytes.inc(found.garbage_bytes)
        self._objects.labels("kept").set(found.kept_objects)
        self._bytes.labels("kept").set(found.kept_bytes)
        self._objects.labels("young").set(found.young_objects)
        self._bytes.labels("young").set(found.young_bytes)


class StreamMetrics:
    """Figures of streams of events, as of the moment when they are looked at."""

    def __init__(self, registry: CollectorRegistry, opened: Callable[[], int]) -> None:
        Gauge("darkroom_event_streams", "Open streams of events.", registry=registry).set_function(
            opened
        )
