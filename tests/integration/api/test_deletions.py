"""Deleting jobs and knowing who refers to bytes: the database in memory, and Postgres."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import MediaDeletedError
from services.api.metrics import RetentionMetrics
from services.api.models import Job, Retention, Status
from services.api.repository.projection import LoggedEvent
from services.api.repository.references import beginning
from services.api.service.collecting import CollectionService
from services.api.service.deleting import DeletionService
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7
from shared.events import DeletionReason, InputAsset, MediaDeleted, Message, encode
from shared.messaging import topology
from shared.storage import from_url
from shared.testing import FixedClock, a_media_ready, a_media_requested, an_event
from tests.integration.api.looking import status_is
from tests.integration.api.neighbours import Neighbours
from tests.integration.api.test_repositories import changed, stored
from tests.unit.api.builders import CARD, an_upload
from tests.unit.api.test_http_content import an_asset_of

NOW = datetime.now(UTC)
OLD, OLDER = NOW - timedelta(days=1), NOW - timedelta(days=2)
ONES, TWOS, THREES = "1" * 64, "12" * 32, "13" * 32


async def ended(unit_of_work: OpenUnitOfWork, at: datetime = NOW, **changes: object) -> Job:
    """A job that is ready."""
    job = await stored(unit_of_work, **changes)
    job = replace(job, status=Status.READY, finished_at=at, assets=(an_asset_of(ONES),))
    await changed(unit_of_work, job)
    return job


async def delete(unit_of_work: OpenUnitOfWork, *ids: UUID) -> list[UUID]:
    async with unit_of_work() as work:
        left = await work.deletions.delete(ids, DeletionReason.REQUESTED, NOW)
    return [one.id for one in left]


async def test_what_is_deleted_leaves_a_tombstone_and_nothing_else(
    unit_of_work: OpenUnitOfWork,
) -> None:
    job = await ended(unit_of_work)
    running = await stored(unit_of_work)

    assert await delete(unit_of_work, job.id, running.id, uuid7()) == [job.id]

    async with unit_of_work() as work:
        left = await work.jobs.find_tombstone(job.tenant, job.id)
        assert left is not None
        assert (left.generator, left.status, left.deleted_at) == ("card", Status.READY, NOW)
        assert left.reason is DeletionReason.REQUESTED
        assert await work.deletions.list_by_tenant(job.tenant, 10) == [left]
        assert await work.deletions.list_by_tenant(job.tenant, 10, job.id) == []
        assert await work.jobs.find_tombstone("other", job.id) is None
        assert await work.projection.find_logged(job.id, "darkroom.media.requested.v1") is None
        assert await work.jobs.find(running.tenant, running.id) == running
        with pytest.raises(MediaDeletedError, match="asked for"):
            await work.jobs.get(job.tenant, job.id)


async def test_jobs_are_found_when_their_own_time_is_over(unit_of_work: OpenUnitOfWork) -> None:
    second = await ended(unit_of_work, OLD, expires_in=60)
    first = await ended(unit_of_work, OLDER, expires_in=60)
    await ended(unit_of_work, OLD, expires_in=7 * 86_400)
    await ended(unit_of_work, OLDER)
    await stored(unit_of_work, expires_in=1)

    async with unit_of_work() as work:
        assert await work.deletions.lock_expired(NOW, 10) == [first.id, second.id]
        assert await work.deletions.lock_expired(NOW, 1) == [first.id]
        assert await work.deletions.lock_expired(OLDER, 10) == []


async def test_jobs_that_ended_long_ago_are_found_unless_they_say_otherwise(
    unit_of_work: OpenUnitOfWork,
) -> None:
    later = NOW + timedelta(hours=1)
    old = [await ended(unit_of_work, OLD) for _ in range(3)]
    await ended(unit_of_work, OLD, expires_in=7 * 86_400)
    await ended(unit_of_work, later + timedelta(hours=1))
    await stored(unit_of_work)

    async with unit_of_work() as work:
        found = await work.deletions.lock_ended_before(later, 2)
        rest = await work.deletions.lock_ended_before(later, 2, found[-1])

    assert [*found, *rest] == [job.id for job in old]


async def test_tombstones_are_purged_with_their_last_word(unit_of_work: OpenUnitOfWork) -> None:
    job = await ended(unit_of_work)
    await delete(unit_of_work, job.id)
    deleted = MediaDeleted(
        job_id=job.id, generator="card", reason=DeletionReason.REQUESTED, deleted_at=NOW
    )
    async with unit_of_work() as work:
        await work.projection.log([LoggedEvent.of(an_event(deleted), job.id, "{}")])

    async with unit_of_work() as work:
        assert await work.deletions.purge(OLD, 10) == 0
        assert await work.deletions.purge(NOW, 10) == 1

    async with unit_of_work() as work:
        assert await work.jobs.find_tombstone(job.tenant, job.id) is None
        assert await work.projection.find_logged(job.id, MediaDeleted.type_name) is None


async def test_uploads_are_forgotten_by_their_age(unit_of_work: OpenUnitOfWork) -> None:
    later = NOW + timedelta(hours=1)
    old, new = an_upload(created_at=OLD), an_upload(created_at=later + timedelta(hours=1))
    async with unit_of_work() as work:
        await work.uploads.add(old)
        await work.uploads.add(new)

    async with unit_of_work() as work:
        assert await work.uploads.delete_before(later, 10) == 1
        assert await work.uploads.list_by_tenant("default", 10) == [new]


def logged(job: Job, data: Message) -> LoggedEvent:
    event = an_event(data, event_id=uuid7())
    return LoggedEvent.of(event, job.id, encode(event).decode())


async def test_bytes_are_needed_by_results_uploads_and_inputs_of_what_has_not_ended(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await ended(unit_of_work)
    waiting = await stored(unit_of_work)
    named = InputAsset(sha256=THREES, media_type="image/png", size=6)
    requested = a_media_requested(job_id=waiting.id, inputs={str(uuid7()): named})
    async with unit_of_work() as work:
        await work.uploads.add(an_upload(sha256=TWOS))
        await work.uploads.add(an_upload(sha256="ab" * 32))
        await work.projection.log([logged(waiting, requested)])

    async with unit_of_work() as work:
        needed = await work.references.list_by_digit("1")
        assert needed == {beginning(one) for one in (ONES, TWOS, THREES)}
        assert await work.references.list_by_digit("a") == {beginning("ab" * 32)}
        assert await work.references.list_by_digit("0") == set()


async def test_the_oldest_that_has_not_ended_is_known(unit_of_work: OpenUnitOfWork) -> None:
    async with unit_of_work() as work:
        assert await work.references.oldest_unfinished() is None
    await ended(unit_of_work)
    job = await stored(unit_of_work)

    async with unit_of_work() as work:
        assert await work.references.oldest_unfinished() == job.created_at


async def test_one_of_many_processes_clears_the_store_in_its_time(
    unit_of_work: OpenUnitOfWork,
) -> None:
    first, second = uuid7(), uuid7()
    day = timedelta(days=1)

    async with unit_of_work() as work:
        assert await work.references.own(first) == first
        assert await work.references.own(second) == first
        assert await work.references.begin_collection(NOW, day)
        assert not await work.references.begin_collection(NOW + timedelta(hours=23), day)
        assert await work.references.begin_collection(NOW + day, day)


async def test_what_is_over_goes_and_its_bytes_follow(
    unit_of_work: OpenUnitOfWork, tmp_path: Path
) -> None:
    store, metrics = from_url(tmp_path.as_uri()), RetentionMetrics(CollectorRegistry())
    clock = FixedClock(datetime.now(UTC) + timedelta(days=10))
    made = await store.put_bytes(b"made")
    job = await stored(unit_of_work)
    asset = an_asset_of(made.sha256)
    await changed(unit_of_work, replace(job, status=Status.READY, finished_at=NOW, assets=(asset,)))
    upload = an_upload(sha256=(await store.put_bytes(b"brought")).sha256, created_at=NOW)
    async with unit_of_work() as work:
        await work.uploads.add(upload)
    week = timedelta(days=7)
    retention = Retention(jobs=week, uploads=week)
    deletion = DeletionService(unit_of_work, unit_of_work, clock, metrics, retention)
    collection = CollectionService(unit_of_work, store, clock, uuid7, metrics=metrics)

    assert (await collection.collect()).kept_objects == 2
    await deletion.sweep()
    found = await collection.collect()

    assert (found.garbage_objects, found.kept_objects) == (2, 0)
    async with unit_of_work() as work:
        left = await work.jobs.find_tombstone(job.tenant, job.id)
        assert left is not None
        assert left.reason is DeletionReason.EXPIRED
        assert await work.uploads.list_by_tenant("default", 10) == []


@pytest.mark.usefixtures("cards")
async def test_a_deletion_is_told_to_generator_and_notifier(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    job_id = (await client.post("/v1/media", json={"generator": "card", "input": CARD})).json()[
        "id"
    ]
    await neighbours.say(a_media_ready(job_id=job_id))
    await status_is(client, job_id, "ready")

    answers = await asyncio.gather(*(client.delete(f"/v1/media/{job_id}") for _ in range(3)))

    assert [answer.status_code for answer in answers] == [204] * 3
    [event] = await neighbours.taken(topology.GENERATOR_CONTROL)
    [heard] = await neighbours.taken(topology.NOTIFIER_OUTCOMES)
    assert isinstance(event.data, MediaDeleted)
    assert heard == event
    assert (await client.get(f"/v1/media/{job_id}")).status_code == 410


@pytest.mark.usefixtures("cards")
async def test_the_key_of_what_was_deleted_says_that_it_is_gone(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    ask, key = {"generator": "card", "input": CARD}, {"Idempotency-Key": "k"}
    job_id = (await client.post("/v1/media", json=ask, headers=key)).json()["id"]
    await neighbours.say(a_media_ready(job_id=job_id))
    await status_is(client, job_id, "ready")
    await client.delete(f"/v1/media/{job_id}")

    assert (await client.post("/v1/media", json=ask, headers=key)).status_code == 410
