"""Taking away what nobody refers to: what is needed, or may be, stays."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import ForeignStoreError
from services.api.metrics import RetentionMetrics
from services.api.models import Status
from services.api.repository.projection import LoggedEvent
from services.api.service.collecting import CollectionService
from shared.clock import uuid7
from shared.events import InputAsset, MediaRequested, announce, encode
from shared.storage import AssetNotFoundError, AssetStore, from_url
from shared.testing import FixedClock
from tests.unit.api.builders import CARD, a_job, an_upload
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_content import an_asset_of
from tests.unit.api.test_http_requesting import problem

LONG_AGO = timedelta(days=30)
Collecting = Callable[[FakeDatabase], CollectionService]


@pytest.fixture
def clock() -> FixedClock:
    """Much later than whatever a test stores."""
    return FixedClock(datetime.now(UTC) + LONG_AGO)


@pytest.fixture
def assets(tmp_path: Path) -> AssetStore:
    return from_url(tmp_path.as_uri())


@pytest.fixture
def collection(database: FakeDatabase, assets: AssetStore, clock: FixedClock) -> CollectionService:
    return a_collection(database, assets, clock)


def a_collection(
    database: FakeDatabase, assets: AssetStore, clock: FixedClock
) -> CollectionService:
    metrics = RetentionMetrics(CollectorRegistry())
    return CollectionService(database.unit_of_work, assets, clock, uuid7, metrics=metrics)


async def is_there(assets: AssetStore, sha256: str) -> bool:
    try:
        await assets.size(sha256)
    except AssetNotFoundError:
        return False
    return True


async def test_bytes_go_when_nobody_refers_to_them_and_not_before(
    database: FakeDatabase, assets: AssetStore, collection: CollectionService
) -> None:
    made, brought, nobodys = [(await assets.put_bytes(text)).sha256 for text in (b"1", b"22", b"3")]
    job, twin = (a_job(status=Status.READY, assets=(an_asset_of(made),)) for _ in range(2))
    upload = an_upload(sha256=brought)
    database.tables.jobs = {one.id: one for one in (job, twin)}
    database.tables.uploads = {upload.id: upload}

    found = await collection.collect()

    assert (found.garbage_objects, found.garbage_bytes) == (1, 1)
    assert (found.kept_objects, found.kept_bytes) == (2, 3)
    assert [await is_there(assets, one) for one in (made, brought, nobodys)] == [True, True, False]

    del database.tables.jobs[job.id]
    assert (await collection.collect()).garbage_objects == 0
    del database.tables.jobs[twin.id], database.tables.uploads[upload.id]
    assert (await collection.collect()).garbage_objects == 2
    assert not await is_there(assets, made)


async def test_a_dry_run_removes_nothing(assets: AssetStore, collection: CollectionService) -> None:
    stored = await assets.put_bytes(b"nobody's")

    found = await collection.collect(dry_run=True)

    assert (found.garbage_objects, found.garbage_bytes) == (1, 8)
    assert await is_there(assets, stored.sha256)


async def test_what_is_young_stays(
    database: FakeDatabase, assets: AssetStore, collection: CollectionService, clock: FixedClock
) -> None:
    stored = await assets.put_bytes(b"about to be somebody's")
    clock.moment = datetime.now(UTC) + timedelta(hours=23)

    found = await collection.collect()

    assert (found.young_objects, found.garbage_objects) == (1, 0)
    assert await is_there(assets, stored.sha256)


async def test_what_an_unfinished_job_may_have_made_stays_however_old_it_is(
    database: FakeDatabase, assets: AssetStore, collection: CollectionService, clock: FixedClock
) -> None:
    stored = await assets.put_bytes(b"made, and not yet told")
    job = a_job(status=Status.RUNNING, created_at=datetime.now(UTC))
    database.tables.jobs[job.id] = job

    assert (await collection.collect()).young_objects == 1
    assert await is_there(assets, stored.sha256)
    del database.tables.jobs[job.id]
    assert (await collection.collect()).garbage_objects == 1


async def test_the_inputs_of_an_unfinished_job_stay_although_their_upload_is_gone(
    database: FakeDatabase, assets: AssetStore, collection: CollectionService, clock: FixedClock
) -> None:
    stored = await assets.put_bytes(b"a picture")
    job = a_job(status=Status.QUEUED, created_at=clock.now())
    named = InputAsset(sha256=stored.sha256, media_type="image/png", size=stored.size)
    requested = MediaRequested(
        job_id=job.id,
        generator="card",
        input=CARD,
        requested_at=job.created_at,
        inputs={str(uuid7()): named},
    )
    event = announce(requested, source="/tests", time=job.created_at)
    database.tables.jobs[job.id] = job
    line = LoggedEvent.of(event, job.id, encode(event).decode())
    database.tables.log[event.id] = line

    assert (await collection.collect()).kept_objects == 1
    database.tables.jobs[job.id] = a_job(id=job.id, status=Status.FAILED)
    assert (await collection.collect()).garbage_objects == 1


async def test_two_darkrooms_do_not_clear_each_others_store(
    database: FakeDatabase, assets: AssetStore, collection: CollectionService, clock: FixedClock
) -> None:
    await collection.collect()
    other = a_collection(FakeDatabase(clock), assets, clock)
    stored = await assets.put_bytes(b"the first one's")

    with pytest.raises(ForeignStoreError, match="prefix of its own"):
        await other.collect()

    assert await is_there(assets, stored.sha256)


async def test_it_is_done_once_in_its_time(
    assets: AssetStore, collection: CollectionService, clock: FixedClock
) -> None:
    day = timedelta(days=1)
    await collection.collect_when_due(day)
    stored = await assets.put_bytes(b"nobody's")

    await collection.collect_when_due(day)
    assert await is_there(assets, stored.sha256)

    clock.advance(day)
    await collection.collect_when_due(day)
    assert not await is_there(assets, stored.sha256)


async def test_operators_can_ask_for_it(client: httpx.AsyncClient, assets: AssetStore) -> None:
    stored = await assets.put_bytes(b"nobody's")

    counted = await client.post("/v1/store/collect", params={"dry_run": True})
    done = await client.post("/v1/store/collect")

    assert counted.json()["dry_run"] is True
    assert counted.json()["garbage_objects"] == done.json()["garbage_objects"] == 1
    assert not await is_there(assets, stored.sha256)
    problem(await client.post("/v1/store/collect?dry=1"), 422, "invalid_input")
