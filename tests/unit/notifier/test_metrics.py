"""What the notifier counts."""

import uuid
from datetime import timedelta

from prometheus_client import CollectorRegistry

from services.notifier.metrics import NotifierMetrics, age
from services.notifier.models import FinalOutcome, Verdict
from shared.clock import SystemClock, uuid7
from shared.testing import a_media_ready, an_event


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
    verdict = Verdict(ready.job_id, "card", FinalOutcome.READY, "cause", an_event(ready))
    NotifierMetrics(registry).decided([verdict])
    labels = {"generator": "card", "outcome": "ready"}
    assert registry.get_sample_value("darkroom_verdicts_total", labels) == 1
    assert (
        registry.get_sample_value("darkroom_end_to_end_seconds_count", {"generator": "card"}) == 1
    )
