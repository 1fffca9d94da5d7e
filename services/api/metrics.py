"""What Prometheus is told of requests and how they ended."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from services.api.models import Job

BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)


class ApiMetrics:
    """Counters of one api process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._accepted = Counter(
            "darkroom_media_requests_accepted",
            "Requests accepted.",
            ["generator"],
            registry=registry,
        )
        self._ended = Histogram(
            "darkroom_media_request_seconds",
            "From accepted to the final event.",
            ["generator", "status"],
            buckets=BUCKETS,
            registry=registry,
        )

    def accepted(self, jobs: Iterable[Job]) -> None:
        """These were accepted."""
        for job in jobs:
            self._accepted.labels(job.generator).inc()

    def changed(self, jobs: Iterable[Job]) -> None:
        """These have changed; those that ended are counted."""
        for job in jobs:
            if job.finished_at is not None:
                seconds = (job.finished_at - job.created_at).total_seconds()
                self._ended.labels(job.generator, job.status.value).observe(max(0.0, seconds))
