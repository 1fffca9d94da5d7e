"""Events become the read model: in one transaction a batch, whatever comes along."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from services.api.models import Status, money
from services.api.service import ApiServices
from services.api.service.input_schema import InvalidSchemaError
from services.api.service.projection import ReceivedEvent
from shared.events import Outcome, encode
from shared.testing import (
    a_generator_announced,
    a_media_canceled,
    a_media_cost_settled,
    a_media_failed,
    a_media_generated,
    a_media_progressed,
    a_media_ready,
    a_media_started,
    an_attempt,
    an_event,
)
from tests.unit.api.builders import a_job, received
from tests.unit.api.fakes import FakeDatabase


async def test_a_batch_of_events_is_one_commit(
    services: ApiServices, database: FakeDatabase
) -> None:
    jobs = [a_job() for _ in range(3)]
    database.tables.jobs.update({job.id: job for job in jobs})

    await services.projection.apply(
        [received(a_media_ready(job_id=job.id)) for job in jobs]
        + [received(a_media_started(job_id=job.id)) for job in jobs]
    )

    assert database.commits == 1
    assert {job.status for job in database.tables.jobs.values()} == {Status.READY}
    assert len(database.tables.log) == 6


async def test_events_delivered_again_are_logged_once(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    batch = [received(a_media_generated(job_id=job.id)), received(a_media_ready(job_id=job.id))]

    await services.projection.apply(batch)
    await services.projection.apply(batch)

    assert len(database.tables.log) == 2


async def test_events_of_unknown_jobs_harm_nobody(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job

    await services.projection.apply(
        [received(a_media_ready()), received(a_media_ready(job_id=job.id))]
    )

    assert database.tables.jobs[job.id].status is Status.READY
    assert len(database.tables.log) == 1


async def test_an_announced_generator_can_be_asked_for_at_once(
    services: ApiServices, database: FakeDatabase
) -> None:
    await services.projection.apply([received(a_generator_announced(name="art"))])

    assert "art" in database.tables.generators
    assert [one.name for one in services.catalogue.list_all()] == ["art"]


async def test_an_announcement_with_a_broken_schema_is_an_error_of_the_message(
    services: ApiServices, database: FakeDatabase
) -> None:
    broken = a_generator_announced(name="art", input_schema={"type": "nonsense"})

    with pytest.raises(InvalidSchemaError):
        await services.projection.apply([received(broken)])

    assert "art" not in database.tables.generators


async def test_a_text_that_postgres_cannot_hold_does_not_stop_a_job_from_ending(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    event = an_event(a_media_failed(job_id=job.id))
    body = encode(event).decode().replace("could not", r"could\u0000 not")

    await services.projection.apply([ReceivedEvent(event, body)])

    [line] = database.tables.log.values()
    assert r"could\ufffd not" in line.body


async def test_whoever_waits_for_the_end_is_woken_by_it(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    waiting = asyncio.create_task(services.waiting.wait("default", job.id, 30))
    await asyncio.sleep(0)

    await services.projection.apply([received(a_media_ready(job_id=job.id))])

    async with asyncio.timeout(0.5):
        assert (await waiting).status is Status.READY


async def test_a_job_that_was_just_accepted_is_not_looked_at_before_it_ends(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    waiting = asyncio.create_task(services.waiting.wait_from(job, 30, new=True))
    await asyncio.sleep(0)
    assert database.commits == 0

    await services.projection.apply([received(a_media_ready(job_id=job.id))])

    async with asyncio.timeout(0.5):
        assert (await waiting).status is Status.READY


async def test_waiting_ends_with_the_job_as_it_is(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job

    assert await services.waiting.wait("default", job.id, 0.01) == job


async def test_progress_is_shown_while_it_runs_and_forgotten_at_the_end(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    services.live.note(a_media_progressed(job_id=job.id, percent=40))
    await services.projection.apply([received(a_media_started(job_id=job.id))])

    view = await services.queries.get("default", job.id)
    assert view.progress is not None
    assert view.progress.percent == 40

    await services.projection.apply([received(a_media_ready(job_id=job.id))])
    assert services.live.find(job.id) is None


async def test_ends_are_timed_by_generator_and_status(
    services: ApiServices, database: FakeDatabase, registry: CollectorRegistry
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job

    await services.projection.apply([received(a_media_ready(job_id=job.id))])
    await services.projection.apply([received(a_media_generated(job_id=job.id))])

    name, labels = "darkroom_media_request_seconds_count", {"generator": "card", "status": "ready"}
    assert registry.get_sample_value(name, labels) == 1


async def test_what_an_order_has_cost_is_entered_after_the_job_has_ended_and_told_nobody(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    attempt = an_attempt(outcome=Outcome.CANCELED, backend="replicate")
    await services.projection.apply([received(a_media_canceled(job_id=job.id, attempt=attempt))])
    ended = database.tables.jobs[job.id]
    lines = dict(database.tables.log)

    paid = attempt.model_copy(update={"cost": 0.04})
    for _ in range(2):
        late = received(a_media_cost_settled(job_id=job.id, attempt=paid))
        await services.projection.apply([late])

    [entry] = database.tables.jobs[job.id].attempts
    assert entry == {**ended.attempts[0], "cost": 0.04}
    assert (ended.status, database.tables.jobs[job.id].status) == (Status.CANCELED,) * 2
    assert database.tables.log == lines
    [charge] = database.tables.spending.values()
    assert charge.cost == money(0.04)
