"""A job that did not start or did not end in time is announced as overdue."""

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from services.api.models import Job, Status
from services.api.service import ApiServices
from services.api.service.deadlines import AGAIN_AFTER
from shared.events import Deadline, MediaDeadlinePassed
from shared.testing import FixedClock
from tests.unit.api.builders import a_job
from tests.unit.api.fakes import FakeDatabase

LATE = timedelta(seconds=3)


def stored(database: FakeDatabase, job: Job) -> Job:
    database.tables.jobs[job.id] = job
    return job


def said(database: FakeDatabase) -> list[MediaDeadlinePassed]:
    return [e.data for e in database.tables.outbox if isinstance(e.data, MediaDeadlinePassed)]


async def test_a_job_that_still_waits_after_its_deadline_is_announced_once(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    job = stored(database, a_job(deadline_at=clock.now() - LATE))

    await services.deadlines.announce_overdue()
    await services.deadlines.announce_overdue()

    [passed] = said(database)
    [event] = database.tables.outbox
    assert (passed.job_id, passed.deadline_at) == (job.id, job.deadline_at)
    assert passed.deadline is Deadline.START
    assert event.correlationid == job.correlation_id
    assert list(database.tables.log) == [event.id]


async def test_news_of_a_start_or_an_end_may_take_a_moment(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    just_now = clock.now() - timedelta(seconds=1)
    stored(database, a_job(deadline_at=just_now, finish_by=just_now))

    await services.deadlines.announce_overdue()

    assert database.tables.outbox == []


async def test_a_job_that_runs_has_met_its_deadline_to_start(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    stored(database, a_job(status=Status.RUNNING, deadline_at=clock.now() - timedelta(hours=1)))

    await services.deadlines.announce_overdue()

    assert database.tables.outbox == []


@pytest.mark.parametrize(
    "status", [Status.QUEUED, Status.RUNNING, Status.RETRYING, Status.CANCELING]
)
async def test_a_job_that_has_not_ended_in_time_is_announced_whatever_it_does(
    services: ApiServices, database: FakeDatabase, clock: FixedClock, status: Status
) -> None:
    job = stored(database, a_job(status=status, finish_by=clock.now() - LATE))

    await services.deadlines.announce_overdue()
    await services.deadlines.announce_overdue()

    [passed] = said(database)
    assert (passed.deadline, passed.deadline_at) == (Deadline.TOTAL, job.finish_by)


@pytest.mark.parametrize("status", [Status.READY, Status.FAILED, Status.CANCELED, Status.EXPIRED])
async def test_what_has_ended_is_never_overdue(
    services: ApiServices, database: FakeDatabase, clock: FixedClock, status: Status
) -> None:
    stored(database, a_job(status=status, finish_by=clock.now() - LATE))

    await services.deadlines.announce_overdue()

    assert database.tables.outbox == []


async def test_missing_both_deadlines_makes_two_events(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    late = clock.now() - LATE
    stored(database, a_job(deadline_at=late, finish_by=late))

    await services.deadlines.announce_overdue()

    assert [passed.deadline for passed in said(database)] == [Deadline.START, Deadline.TOTAL]
    assert len({event.id for event in database.tables.outbox}) == 2


async def test_a_job_that_does_not_end_even_so_is_announced_once_more_as_the_same_event(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    stored(database, a_job(finish_by=clock.now() - LATE))

    await services.deadlines.announce_overdue()
    clock.advance(AGAIN_AFTER)
    await services.deadlines.announce_overdue()

    first, second = database.tables.outbox
    assert first.id == second.id
    assert len(database.tables.log) == 1


async def test_missed_deadlines_are_counted(
    services: ApiServices, database: FakeDatabase, clock: FixedClock, registry: CollectorRegistry
) -> None:
    stored(database, a_job(finish_by=clock.now() - LATE))

    await services.deadlines.announce_overdue()

    name = "darkroom_deadlines_passed_total"
    assert registry.get_sample_value(name, {"deadline": "total"}) == 1
    assert registry.get_sample_value(name, {"deadline": "start"}) == 0
