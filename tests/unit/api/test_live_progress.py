"""Progress is bounded in memory and never goes back to an earlier attempt."""

from services.api.service.live_progress import LiveProgress
from shared.clock import uuid7
from shared.testing import a_media_progressed


def test_the_last_news_count() -> None:
    live, job_id = LiveProgress(), uuid7()

    for percent in (10, 60):
        live.note(a_media_progressed(job_id=job_id, percent=percent))

    found = live.find(job_id)
    assert found is not None
    assert found.percent == 60


def test_late_news_of_an_earlier_attempt_are_ignored() -> None:
    live, job_id = LiveProgress(), uuid7()

    live.note(a_media_progressed(job_id=job_id, attempt=2, percent=5))
    live.note(a_media_progressed(job_id=job_id, attempt=1, percent=90))

    found = live.find(job_id)
    assert found is not None
    assert found.percent == 5


def test_jobs_not_heard_of_for_long_make_room() -> None:
    live = LiveProgress(most=2)
    first, second, third = uuid7(), uuid7(), uuid7()

    for job_id in (first, second, first, third):
        live.note(a_media_progressed(job_id=job_id))

    assert live.find(second) is None
    assert live.find(first) is not None
