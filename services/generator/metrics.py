"""What Prometheus is told of the work: attempts, waits, times, takeovers, jobs in hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.generator.models import ClaimedJob, Result
from shared.clock import Clock
from shared.events import Lane

_WAITS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_TIMES = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)

_ATTEMPTS = (
    "darkroom_attempts",
    "Attempts by how they ended; lost: another worker has taken over.",
    ("generator", "outcome"),
)
_WAIT = (
    "darkroom_queue_wait_seconds",
    "From when a job could begin to when it did.",
    ("generator", "lane"),
)
_TIME = (
    "darkroom_generation_seconds",
    "From the claim of a job to its recorded result.",
    ("generator",),
)
_TAKEOVERS = (
    "darkroom_lease_takeovers",
    "Jobs taken over from a worker that was not heard of any more.",
    ("generator",),
)
_IN_HAND = ("darkroom_jobs_in_hand", "Jobs that run here.", ("generator",))
_PAUSED = ("darkroom_generator_paused", "1: its jobs wait until it is resumed.", ("generator",))
_PARKED = (
    "darkroom_jobs_needing_reconciliation",
    "Jobs that wait until somebody has found out whether a provider has taken them.",
    ("generator",),
)
_CALLED_OFF = (
    "darkroom_provider_cancels",
    "Tries to tell a provider that its work is not wanted any more.",
    ("generator", "outcome"),
)
_OPEN = (
    "darkroom_open_jobs",
    "Unfinished jobs taken out of a queue, by all processes.",
    ("generator", "lane", "overflow"),
)


Child = TypeVar("Child")


class GeneratorMetrics:
    """The counters of one process, in the registry of its /metrics."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._clock = clock
        self._attempts = Counter(*_ATTEMPTS, registry=registry)
        self._wait = Histogram(*_WAIT, buckets=_WAITS, registry=registry)
        self._time = Histogram(*_TIME, buckets=_TIMES, registry=registry)
        self._takeovers = Counter(*_TAKEOVERS, registry=registry)
        self._in_hand = Gauge(*_IN_HAND, registry=registry)
        self._open = Gauge(*_OPEN, registry=registry)
        self._paused = Gauge(*_PAUSED, registry=registry)
        self._parked = Gauge(*_PARKED, registry=registry)
        self._ever_parked: set[str] = set()
        self._called_off = Counter(*_CALLED_OFF, registry=registry)
        self._of: dict[str, _OfOneGenerator] = {}

    def show_paused(self, generator: str, paused: bool) -> None:
        """Whether its jobs wait."""
        self._paused.labels(generator).set(paused)

    def show_parked(self, counts: Mapping[str, int]) -> None:
        """So many wait for somebody who decides, by generator; those of all processes."""
        self._ever_parked.update(counts)
        for generator in self._ever_parked:
            self._parked.labels(generator).set(counts.get(generator, 0))

    def called_off(self, generator: str, error: str | None) -> None:
        """A provider was told, or could not be."""
        self._called_off.labels(generator, "told" if error is None else "failed").inc()

    def count_open(self, open_jobs: Mapping[tuple[str, Lane, bool], int]) -> None:
        """What is taken out of the queues and not finished."""
        for (generator, lane, overflow), count in open_jobs.items():
            self._open.labels(generator, lane.value, "yes" if overflow else "no").set(count)

    def begun(self, job: ClaimedJob) -> None:
        """An attempt begins."""
        of = self._of.get(job.generator) or self._of_one(job.generator)
        of.in_hand.inc()
        of.wait[job.lane].observe(job.waited)
        if job.lost is not None:
            self._takeovers.labels(job.generator).inc()

    def ended(self, job: ClaimedJob, result: Result | None) -> float:
        """An attempt ended, with nothing when it was lost. Answers how many seconds it took."""
        seconds = max(0.0, (self._clock.now() - job.started_at).total_seconds())
        outcome = "lost" if result is None else result.outcome.value
        of = self._of.get(job.generator) or self._of_one(job.generator)
        of.in_hand.dec()
        of.attempts[outcome].inc()
        of.time.observe(seconds)
        return seconds

    def _of_one(self, generator: str) -> "_OfOneGenerator":
        return self._of.setdefault(
            generator,
            _OfOneGenerator(
                self._in_hand.labels(generator),
                _Children(lambda lane: self._wait.labels(generator, lane)),
                _Children(lambda outcome: self._attempts.labels(generator, outcome)),
                self._time.labels(generator),
            ),
        )


class _Children(dict[str, Child], Generic[Child]):
    """What is counted under each value of a label, found once: looking it up costs the most."""

    def __init__(self, make: Callable[[str], Child]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: str) -> Child:
        self[value] = self._make(value)
        return self[value]


@dataclass(frozen=True, slots=True)
class _OfOneGenerator:
    in_hand: Gauge
    wait: _Children[Histogram]
    attempts: _Children[Counter]
    time: Histogram
