"""What the notifier counts for itself."""

from collections import Counter as Counts
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric

from services.notifier.models import (
    Call,
    EndKind,
    FinalOutcome,
    PendingCount,
    Standing,
    Verdict,
)

_OUTCOMES = (
    "delivered",
    "bad_status",
    "gone",
    "redirected",
    "timed_out",
    "unreachable",
    "certificate_refused",
    "broken_answer",
    "address_refused",
    "invalid_address",
)
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)


class NotifierMetrics:
    """Verdicts by outcome, and the time from request to verdict."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._decided = Counter(
            "darkroom_verdicts",
            "Jobs that ended.",
            ["generator", "outcome"],
            registry=registry,
        )
        self._unanswered = Counter(
            "darkroom_verdicts_unanswered",
            "Jobs that were to end and were closed without a generator's answer.",
            ["generator", "outcome"],
            registry=registry,
        )
        self._end_to_end = Histogram(
            "darkroom_end_to_end_seconds",
            "From the request to the verdict.",
            ["generator"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._calls = Counter(
            "darkroom_webhook_attempts",
            "Calls of webhooks, by what became of them.",
            ["outcome"],
            registry=registry,
        )
        self._call_time = Histogram(
            "darkroom_webhook_attempt_seconds",
            "How long calls of webhooks take.",
            buckets=_SECONDS[:9],
            registry=registry,
        )
        for outcome in _OUTCOMES:
            self._calls.labels(outcome)
        self._decided_by: dict[tuple[str, FinalOutcome], Counter] = {}
        self._ended_by: dict[str, Histogram] = {}

    def decided(self, verdicts: Collection[Verdict]) -> None:
        """Count these."""
        for verdict in verdicts:
            self._counter(verdict.generator, verdict.outcome).inc()
            if (seconds := age(verdict.job_id, verdict.event.time)) is not None:
                self._timer(verdict.generator).observe(seconds)

    def called(self, call: Call) -> None:
        """Count this call."""
        self._calls.labels(call.error_code or "delivered").inc()
        self._call_time.observe(call.seconds)

    def _counter(self, generator: str, outcome: FinalOutcome) -> Counter:
        """Finding a metric by its labels costs more than counting: they are kept."""
        kept = self._decided_by.get((generator, outcome))
        if kept is None:
            kept = self._decided.labels(generator, outcome.value)
            self._decided_by[generator, outcome] = kept
        return kept

    def _timer(self, generator: str) -> Histogram:
        kept = self._ended_by.get(generator)
        if kept is None:
            kept = self._ended_by[generator] = self._end_to_end.labels(generator)
        return kept

    def unanswered(self, verdicts: Collection[Verdict]) -> None:
        """Count these as given because nobody answered."""
        for (generator, outcome), count in _tally(verdicts).items():
            self._unanswered.labels(generator, outcome).inc(count)


def pending_figures(counts: Iterable[PendingCount]) -> list[Metric]:
    """Wishes that wait for an answer: zeros too, so that there is always something to compare."""
    by_kind = {count.kind: count for count in counts}
    waiting = GaugeMetricFamily(
        "darkroom_pending_ends", "Wishes that wait for a generator's answer.", labels=["kind"]
    )
    overdue = GaugeMetricFamily(
        "darkroom_pending_ends_overdue", "Those whose grace is over.", labels=["kind"]
    )
    late = GaugeMetricFamily(
        "darkroom_pending_ends_late_seconds", "How long over, for the latest.", labels=["kind"]
    )
    for kind in EndKind:
        count = by_kind.get(kind) or PendingCount(kind, 0, 0, 0)
        waiting.add_metric([kind.value], count.waiting)
        overdue.add_metric([kind.value], count.overdue)
        late.add_metric([kind.value], count.late)
    return [waiting, overdue, late]


def webhook_figures(standing: Standing) -> list[Metric]:
    """How the queue of webhooks stands."""
    told = (
        ("deliveries_pending", "Webhooks that were not delivered yet.", standing.pending),
        ("deliveries_due", "Those that could be sent now.", standing.due),
        ("oldest_due_seconds", "How late the latest of these is.", standing.oldest),
        ("endpoints_disabled", "Endpoints disabled because they failed.", standing.disabled),
    )
    return [GaugeMetricFamily(f"darkroom_webhook_{n}", text, value) for n, text, value in told]


def _tally(verdicts: Iterable[Verdict]) -> Mapping[tuple[str, str], int]:
    return Counts((verdict.generator, str(verdict.outcome)) for verdict in verdicts)


def age(job_id: UUID, now: datetime) -> float | None:
    """Seconds since the job was asked for, as its id tells; None when it is no UUIDv7.

    Source: RFC 9562, section 5.7: the first 48 bits are Unix milliseconds.
    """
    if job_id.version != 7:
        return None
    return max(now.timestamp() - (job_id.int >> 80) / 1000, 0.0)
