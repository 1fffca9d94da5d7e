"""Deleting jobs, by hand and by time, and what is left of them."""

from datetime import timedelta

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.metrics import RetentionMetrics
from services.api.models import Job, Retention, Status
from services.api.service import ApiServices
from services.api.service.deleting import DeletionService
from shared.clock import uuid7
from shared.events import DeletionReason, MediaDeleted
from shared.testing import FixedClock
from tests.unit.api.builders import CARD, a_job, an_upload
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_content import an_asset_of
from tests.unit.api.test_http_requesting import problem


def ended(database: FakeDatabase, **changes: object) -> Job:
    """A job that is ready, in the database."""
    moment = database.clock.now()
    values = {"status": Status.READY, "finished_at": moment, "assets": (an_asset_of(),), **changes}
    job = a_job(**values)
    database.tables.jobs[job.id] = job
    return job


async def test_what_is_deleted_is_gone_and_says_when_and_why(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    job = ended(database)

    deleted = await client.delete(f"/v1/media/{job.id}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    for path in ("", "/content", "/assets/0"):
        response = await client.get(f"/v1/media/{job.id}{path}")
        problem(response, 410, "gone")
        body = response.json()
        assert body["job_id"] == str(job.id)
        assert (body["generator"], body["job_status"]) == ("card", "ready")
        assert body["reason"] == "requested"
        assert body["deleted_at"]
    assert (await client.get("/v1/media")).json()["items"] == []
    assert not database.tables.jobs


async def test_deleting_again_changes_nothing_and_says_nothing(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    job = ended(database)

    answers = [await client.delete(f"/v1/media/{job.id}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    [event] = database.tables.outbox
    assert isinstance(event.data, MediaDeleted)
    assert (event.data.job_id, event.data.reason) == (job.id, DeletionReason.REQUESTED)
    assert [line.type for line in database.tables.log.values()] == [MediaDeleted.type_name]


@pytest.mark.parametrize("status", [status for status in Status if not status.final])
async def test_what_has_not_ended_is_not_deleted(
    client: httpx.AsyncClient, database: FakeDatabase, status: Status
) -> None:
    job = ended(database, status=status, finished_at=None)

    response = await client.delete(f"/v1/media/{job.id}")

    problem(response, 409, "still_running")
    assert response.json()["job_status"] == status.value
    assert job.id in database.tables.jobs


async def test_what_is_not_there_or_of_others_cannot_be_deleted(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    other = ended(database, tenant="other")

    for job_id in (uuid7(), other.id, "nonsense"):
        problem(await client.delete(f"/v1/media/{job_id}"), 404, "not_found")


@pytest.mark.parametrize("verb", ["cancel", "retry"])
async def test_nothing_can_be_done_with_what_was_deleted(
    client: httpx.AsyncClient, database: FakeDatabase, verb: str
) -> None:
    job = ended(database, status=Status.FAILED)
    await client.delete(f"/v1/media/{job.id}")

    problem(await client.post(f"/v1/media/{job.id}/{verb}"), 410, "gone")
    problem(await client.get(f"/v1/media/{job.id}", headers={"Prefer": "wait=1"}), 410, "gone")


async def test_the_key_of_a_request_that_was_deleted_says_so(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    ask, key = {"generator": "card", "input": CARD}, {"Idempotency-Key": "a key"}
    job_id = (await client.post("/v1/media", json=ask, headers=key)).json()["id"]
    [job] = database.tables.jobs.values()
    database.tables.jobs[job.id] = a_job(id=job.id, status=Status.READY)
    await client.delete(f"/v1/media/{job_id}")

    problem(await client.post("/v1/media", json=ask, headers=key), 410, "gone")


async def test_what_was_deleted_can_be_listed_page_by_page(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    jobs = [ended(database) for _ in range(3)]
    for job in jobs:
        await client.delete(f"/v1/media/{job.id}")
    ended(database)

    first = (await client.get("/v1/media/deleted", params={"limit": 2})).json()
    second = (await client.get("/v1/media/deleted", params={"cursor": first["next_cursor"]})).json()

    shown = [one["id"] for page in (first, second) for one in page["items"]]
    assert shown == [str(job.id) for job in reversed(jobs)]
    assert first["items"][0]["reason"] == "requested"
    assert second["next_cursor"] is None


def deletion(database: FakeDatabase, **retention: timedelta) -> DeletionService:
    return DeletionService(
        database.unit_of_work,
        database.unit_of_work,
        database.clock,
        RetentionMetrics(CollectorRegistry()),
        Retention(**retention),
    )


async def test_a_job_goes_when_its_own_time_is_over(
    database: FakeDatabase, clock: FixedClock
) -> None:
    short, long = ended(database, expires_in=60), ended(database, expires_in=3600)
    service = deletion(database, jobs=timedelta(seconds=1800))
    other = ended(database)

    clock.advance(timedelta(seconds=61))
    await service.sweep()
    assert database.tables.jobs.keys() == {long.id, other.id}
    [event] = database.tables.outbox
    assert isinstance(event.data, MediaDeleted)
    assert (event.data.job_id, event.data.reason) == (short.id, DeletionReason.EXPIRED)

    clock.advance(timedelta(seconds=1800))
    await service.sweep()
    assert database.tables.jobs.keys() == {long.id}


async def test_without_a_retention_all_stays_that_does_not_say_otherwise(
    database: FakeDatabase, clock: FixedClock
) -> None:
    kept = ended(database)
    queued = ended(database, status=Status.QUEUED, finished_at=None, expires_in=1)

    clock.advance(timedelta(days=1000))
    await deletion(database).sweep()

    assert database.tables.jobs.keys() == {kept.id, queued.id}


async def test_many_go_in_one_sweep(database: FakeDatabase, clock: FixedClock) -> None:
    for number in range(1100):
        ended(database, expires_in=60 if number % 2 else None)

    clock.advance(timedelta(hours=1))
    await deletion(database, jobs=timedelta(minutes=1)).sweep()

    assert not database.tables.jobs
    assert len(database.tables.tombstones) == 1100


async def test_uploads_go_when_their_time_is_over(
    database: FakeDatabase, clock: FixedClock
) -> None:
    old = an_upload(created_at=clock.now())
    new = an_upload(created_at=clock.now() + timedelta(hours=1))
    database.tables.uploads = {one.id: one for one in (old, new)}

    clock.advance(timedelta(hours=1))
    await deletion(database, uploads=timedelta(minutes=1)).sweep()

    assert database.tables.uploads.keys() == {new.id}


async def test_tombstones_go_in_the_end(database: FakeDatabase, clock: FixedClock) -> None:
    job = ended(database, expires_in=1)
    service = deletion(database, tombstones=timedelta(days=90))
    clock.advance(timedelta(days=1))
    await service.sweep()
    assert database.tables.tombstones.keys() == {job.id}

    clock.advance(timedelta(days=91))
    await service.sweep()

    assert not database.tables.tombstones
    assert not database.tables.log


async def test_a_job_says_when_it_will_be_deleted(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    job = ended(database, expires_in=60)
    running = ended(database, status=Status.RUNNING, finished_at=None, expires_in=60)

    shown = (await client.get(f"/v1/media/{job.id}")).json()

    assert shown["expires_at"] == "2026-01-02T03:05:05.000000Z"
    assert shown["urls"]["delete"] == f"/v1/media/{job.id}"
    assert (await client.get(f"/v1/media/{running.id}")).json()["expires_at"] is None


async def test_a_default_retention_is_shown_too(services: ApiServices, clock: FixedClock) -> None:
    kept, own = Retention(jobs=timedelta(hours=1)), Retention()
    job = a_job(status=Status.READY, finished_at=clock.now())

    assert kept.expires_at(job) == clock.now() + timedelta(hours=1)
    assert own.expires_at(job) is None
