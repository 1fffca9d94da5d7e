"""What the notifier counts."""

import uuid
from datetime import timedelta

from prometheus_client import CollectorRegistry

from services.notifier.metrics import NotifierMetrics, age, pending_figures
from services.notifier.models import EndKind, FinalOutcome, PendingCount, Verdict
from shared.clock import SystemClock, uuid7
from shared.testing import a_media_canceled, a_media_ready, an_event


def test_a_jobs_age_is_read_from_its_id() -> None:
    now = SystemClock().now()
    job_age = age(uuid7(), now + timedelta(seconds=90))
    assert job_age is not None
    assert 89 <= job_age <= 91


def test_an_id_that_tells_no_time_gives_no_age() -> None:
    assert age(uuid.uuid4(), SystemClock().now()) is None


def test_verdicts_are_counted_by_generator_and_outcome() -> None:
    registry = CollectorRegistry()
    ready = a_media_ready()
    card = Verdict(ready.job_id, "card", FinalOutcome.READY, "cause", an_event(ready))
    chart = Verdict(uuid.uuid4(), "chart", FinalOutcome.READY, "cause", an_event(ready))
    NotifierMetrics(registry).decided([card, chart, card])
    for generator, count, timed in (("card", 2, 2), ("chart", 1, None)):
        of = {"generator": generator}
        ended = registry.get_sample_value("darkroom_verdicts_total", {**of, "outcome": "ready"})
        assert ended == count
        assert registry.get_sample_value("darkroom_end_to_end_seconds_count", of) == timed


def test_verdicts_that_nobody_answered_for_are_counted_apart() -> None:
    registry = CollectorRegistry()
    canceled = a_media_canceled()
    verdict = Verdict(canceled.job_id, "card", FinalOutcome.CANCELED, "cause", an_event(canceled))
    NotifierMetrics(registry).unanswered([verdict])
    labels = {"generator": "card", "outcome": "canceled"}
    assert registry.get_sample_value("darkroom_verdicts_unanswered_total", labels) == 1


def test_what_waits_for_an_answer_has_figures_for_every_kind() -> None:
    figures = pending_figures([PendingCount(EndKind.TOTAL, waiting=3, overdue=2, late=1.5)])
    values = {
        (sample.name, sample.labels["kind"]): sample.value
        for figure in figures
        for sample in figure.samples
    }
    assert values["darkroom_pending_ends", "total"] == 3
    assert values["darkroom_pending_ends_overdue", "total"] == 2
    assert values["darkroom_pending_ends_late_seconds", "total"] == 1.5
    assert values["darkroom_pending_ends_overdue", "cancel"] == 0
