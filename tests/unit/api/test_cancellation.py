"""Canceling records the wish once, and only while there is something to cancel."""

import pytest

from services.api.errors import AlreadyFinalError, MediaRequestNotFoundError
from services.api.models import Job, Status
from services.api.service import ApiServices
from shared.clock import uuid7
from shared.events import MediaCancelRequested
from tests.unit.api.builders import a_job
from tests.unit.api.fakes import FakeDatabase


def stored(database: FakeDatabase, job: Job) -> Job:
    database.tables.jobs[job.id] = job
    return job


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.RETRYING])
async def test_work_that_is_not_over_is_asked_to_stop(
    services: ApiServices, database: FakeDatabase, status: Status
) -> None:
    job = stored(database, a_job(status=status, webhook={"url": "https://a.example"}))

    canceling = await services.cancellation.cancel("default", job.id)

    [event] = database.tables.outbox
    assert canceling.status is Status.CANCELING
    assert isinstance(event.data, MediaCancelRequested)
    assert event.data.webhook is not None
    assert event.correlationid == job.correlation_id
    assert list(database.tables.log) == [event.id]


async def test_asking_again_says_nothing_new(services: ApiServices, database: FakeDatabase) -> None:
    job = stored(database, a_job())

    await services.cancellation.cancel("default", job.id)
    again = await services.cancellation.cancel("default", job.id)

    assert again.status is Status.CANCELING
    assert len(database.tables.outbox) == 1


async def test_what_is_canceled_stays_canceled(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = stored(database, a_job(status=Status.CANCELED))

    assert await services.cancellation.cancel("default", job.id) == job


@pytest.mark.parametrize("status", [Status.READY, Status.FAILED, Status.EXPIRED])
async def test_what_is_over_cannot_be_canceled(
    services: ApiServices, database: FakeDatabase, status: Status
) -> None:
    job = stored(database, a_job(status=status))

    with pytest.raises(AlreadyFinalError):
        await services.cancellation.cancel("default", job.id)


async def test_a_generator_that_was_never_announced_is_no_obstacle(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = stored(database, a_job(generator="gone"))

    assert (await services.cancellation.cancel("default", job.id)).status is Status.CANCELING
    assert len(database.tables.outbox) == 1


async def test_others_jobs_are_not_there(services: ApiServices, database: FakeDatabase) -> None:
    job = stored(database, a_job(tenant="acme"))

    for job_id in (job.id, uuid7()):
        with pytest.raises(MediaRequestNotFoundError):
            await services.cancellation.cancel("default", job_id)
    assert database.tables.outbox == []
