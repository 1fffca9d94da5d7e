"""What events make of a job, in any order and any number of times."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.models import Job, Status
from services.api.service.transitions import project, request_cancel
from shared.events import CloudEvent, Deadline, Outcome
from shared.testing import (
    MOMENT,
    a_failed_attempt,
    a_media_canceled,
    a_media_expired,
    a_media_failed,
    a_media_generated,
    a_media_ready,
    a_media_retrying,
    a_media_started,
    an_attempt,
    an_event,
)
from tests.unit.api.builders import a_job

JOB = a_job()


def about_it(build: Any, **changes: Any) -> CloudEvent:
    return an_event(build(job_id=JOB.id, **changes))


SECOND = an_attempt(number=2, started_at=MOMENT + timedelta(seconds=3))
STARTED = about_it(a_media_started)
RETRYING = about_it(a_media_retrying)
STARTED_AGAIN = about_it(
    a_media_started,
    attempt=SECOND.model_copy(update={"ended_at": None, "outcome": Outcome.RUNNING}),
)
GENERATED = about_it(a_media_generated, attempt=SECOND)
READY = about_it(a_media_ready, attempt=SECOND)
STORY = (STARTED, RETRYING, STARTED_AGAIN, GENERATED, READY)


def after(*events: CloudEvent, job: Job = JOB) -> Job:
    for event in events:
        job = project(job, event)
    return job


def test_a_job_goes_from_queued_to_ready() -> None:
    statuses = [after(*STORY[:n]).status.value for n in range(len(STORY) + 1)]

    assert statuses == ["queued", "running", "retrying", "running", "running", "ready"]


def test_every_order_of_events_ends_in_the_same_job() -> None:
    results = {repr(after(*order)) for order in permutations(STORY)}

    assert len(results) == 1


@given(st.lists(st.sampled_from(STORY), max_size=12))
def test_repeated_and_late_events_change_nothing_once_all_have_come(events: list[Any]) -> None:
    assert after(*STORY, *events) == after(*STORY)


@pytest.mark.parametrize("final", [a_media_canceled, a_media_expired, a_media_failed])
def test_a_result_that_lost_leaves_no_assets_whenever_it_comes(final: Any) -> None:
    last_word = about_it(final)

    before, late = after(GENERATED, last_word), after(last_word, GENERATED)

    assert before == late
    assert before.assets == ()


def test_attempts_are_merged_by_number() -> None:
    job = after(*STORY)

    assert [attempt["number"] for attempt in job.attempts] == [1, 2]
    assert [attempt["outcome"] for attempt in job.attempts] == ["failed", "succeeded"]
    assert job.started_at == MOMENT


def test_news_of_an_attempts_beginning_does_not_overwrite_its_end() -> None:
    [attempt] = after(RETRYING, STARTED).attempts

    assert attempt["outcome"] == "failed"


def test_assets_are_shown_as_soon_as_they_are_stored() -> None:
    job = after(GENERATED)

    assert job.status is Status.RUNNING
    assert job.assets[0]["media_type"] == "image/png"


@pytest.mark.parametrize(
    ("final", "status", "code"),
    [
        (about_it(a_media_failed), Status.FAILED, "failed"),
        (about_it(a_media_canceled), Status.CANCELED, "canceled"),
        (about_it(a_media_expired), Status.EXPIRED, "expired"),
    ],
)
def test_each_other_end_says_why(final: CloudEvent, status: Status, code: str) -> None:
    job = after(final)

    assert job.status is status
    assert job.failure is not None
    assert job.failure["code"] == code
    assert job.finished_at == MOMENT


@pytest.mark.parametrize(
    ("deadline", "says"),
    [
        (Deadline.START, "It had not started before its deadline to start, by 2026-01-02 03:04:05"),
        (Deadline.TOTAL, "It had not come to its end within its total time-out, by 2026-01-02"),
    ],
)
def test_what_expired_says_which_deadline_it_missed(deadline: Deadline, says: str) -> None:
    job = after(STARTED, about_it(a_media_expired, deadline=deadline))

    assert job.status is Status.EXPIRED
    assert job.failure is not None
    assert job.failure["message"].startswith(says)


def test_a_final_status_never_changes() -> None:
    assert after(READY, about_it(a_media_failed)).status is Status.READY


def test_a_job_that_is_being_canceled_does_not_go_back_to_running() -> None:
    canceling = request_cancel(after(STARTED), MOMENT)

    assert after(RETRYING, STARTED_AGAIN, job=canceling).status is Status.CANCELING
    assert after(about_it(a_media_canceled), job=canceling).status is Status.CANCELED


def test_work_that_ends_before_the_cancel_reaches_it_stays_ready() -> None:
    canceling = request_cancel(JOB, MOMENT)

    assert after(READY, job=canceling).status is Status.READY


@pytest.mark.parametrize(
    ("final", "status"),
    [
        (READY, Status.READY),
        (about_it(a_media_failed), Status.FAILED),
        (about_it(a_media_canceled), Status.CANCELED),
        (about_it(a_media_expired), Status.EXPIRED),
    ],
)
def test_the_first_verdict_decides_how_a_cancel_ends(final: CloudEvent, status: Status) -> None:
    canceling = request_cancel(after(STARTED), MOMENT)

    assert after(final, READY, about_it(a_media_canceled), job=canceling).status is status


def test_an_event_that_says_nothing_new_leaves_the_same_object() -> None:
    job = after(*STORY)

    assert project(job, STARTED) is job


def test_the_moment_of_change_never_goes_back() -> None:
    later = a_job(id=JOB.id, updated_at=MOMENT + timedelta(hours=1))

    assert project(later, STARTED).updated_at == later.updated_at


def test_an_attempt_without_a_beginning_event_is_recorded_by_its_end() -> None:
    failed = about_it(a_media_failed, attempt=a_failed_attempt())

    assert after(failed).attempts[0]["failure"]["code"] == "failed"
