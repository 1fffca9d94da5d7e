"""What a stream tells of one job, in which order: on Postgres, and in memory."""

from collections.abc import Callable
from functools import partial

import pytest

from services.api.models.event_log import BEGINNING
from services.api.repository.projection import LoggedEvent
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7
from shared.events import encode
from shared.events.parts import JobMessage
from shared.testing import (
    a_failed_attempt,
    a_media_cancel_requested,
    a_media_canceled,
    a_media_deadline_passed,
    a_media_reconciled,
    a_media_requested,
    a_media_retrying,
    a_media_started,
    an_attempt,
    an_event,
)

JOB = uuid7()
requested = partial(a_media_requested, job_id=JOB)
canceled = partial(a_media_canceled, job_id=JOB)
Wish = Callable[..., JobMessage]


async def told(unit_of_work: OpenUnitOfWork, *messages: JobMessage) -> list[str]:
    """What is told when they are logged one after the other."""
    for event in map(an_event, messages):
        async with unit_of_work() as work:
            await work.projection.log([LoggedEvent.of(event, JOB, encode(event).decode())])
    async with unit_of_work() as work:
        entries = await work.event_log.list_of_job(JOB, BEGINNING, 100)
    return [entry.type.split(".")[2] for entry in entries]


def started(number: int) -> JobMessage:
    return a_media_started(job_id=JOB, attempt=an_attempt(number=number))


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        (a_media_cancel_requested, "cancel_requested"),
        (a_media_deadline_passed, "deadline_passed"),
        (a_media_reconciled, "reconciled"),
    ],
)
async def test_a_wish_is_told_where_it_was_made(
    unit_of_work: OpenUnitOfWork, wish: Wish, kind: str
) -> None:
    life = (requested(), started(1), wish(job_id=JOB), started(2), canceled())
    assert await told(unit_of_work, *life) == [
        "requested",
        "started",
        kind,
        "started",
        "canceled",
    ]


async def test_nothing_is_told_behind_the_end(unit_of_work: OpenUnitOfWork) -> None:
    late = (a_media_cancel_requested(job_id=JOB), started(2))
    kinds = await told(unit_of_work, requested(), started(1), canceled(), *late)
    assert kinds == ["requested", "started", "canceled"]


async def test_an_attempt_that_is_heard_of_late_is_left_out(unit_of_work: OpenUnitOfWork) -> None:
    retrying = a_media_retrying(job_id=JOB, attempt=a_failed_attempt(number=1))
    kinds = await told(unit_of_work, requested(), started(2), retrying, started(1), canceled())
    assert kinds == ["requested", "started", "canceled"]
