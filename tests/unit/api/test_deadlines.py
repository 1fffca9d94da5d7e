"""A job that did not start in time is announced as overdue, once."""

from datetime import timedelta

from services.api.models import Status
from services.api.service import ApiServices
from shared.events import MediaDeadlinePassed
from shared.testing import FixedClock
from tests.unit.api.builders import a_job
from tests.unit.api.fakes import FakeDatabase


async def test_a_job_that_still_waits_after_its_deadline_is_announced_once(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    job = a_job(deadline_at=clock.now() - timedelta(seconds=3))
    database.tables.jobs[job.id] = job

    await services.deadlines.announce_overdue()
    await services.deadlines.announce_overdue()

    [event] = database.tables.outbox
    assert isinstance(event.data, MediaDeadlinePassed)
    assert (event.data.job_id, event.data.deadline_at) == (job.id, job.deadline_at)
    assert event.correlationid == job.correlation_id
    assert list(database.tables.log) == [event.id]


async def test_news_of_a_start_may_take_a_moment(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    job = a_job(deadline_at=clock.now() - timedelta(seconds=1))
    database.tables.jobs[job.id] = job

    await services.deadlines.announce_overdue()

    assert database.tables.outbox == []


async def test_a_job_that_runs_has_met_its_deadline(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    job = a_job(status=Status.RUNNING, deadline_at=clock.now() - timedelta(hours=1))
    database.tables.jobs[job.id] = job

    await services.deadlines.announce_overdue()

    assert database.tables.outbox == []
