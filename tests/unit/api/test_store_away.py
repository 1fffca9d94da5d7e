"""While the asset store is away: 503, and no half file."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from services.api.models import Job, Status
from services.api.service.content import ContentService
from shared.storage import StorageUnavailableError
from tests.unit.api.builders import a_job
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_content import an_asset_of
from tests.unit.api.test_http_requesting import problem


class FailingStore:
    """A store that goes away, or falls silent, at one of its calls."""

    def __init__(self) -> None:
        self.away_at: str | None = None
        self.silent_at: str | None = None

    async def size(self, sha256: str) -> int:
        await self._reach("size")
        return 6

    async def presigned(self, sha256: str, lasting: timedelta) -> str | None:
        await self._reach("presigned")
        return f"https://store/{sha256}?expires={lasting.total_seconds():g}"

    async def stream(
        self, sha256: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        await self._reach("stream")
        for chunk in (b"abc", b"def"):
            yield chunk

    async def _reach(self, call: str) -> None:
        if call == self.away_at:
            raise StorageUnavailableError("away")
        if call == self.silent_at:
            await asyncio.Event().wait()


@pytest.fixture
def assets() -> FailingStore:
    return FailingStore()


@pytest.fixture
def job(database: FakeDatabase) -> Job:
    job = a_job(status=Status.READY, assets=(an_asset_of(),))
    database.tables.jobs[job.id] = job
    return job


@pytest.mark.parametrize("call", ["size", "stream"])
async def test_a_store_that_is_away_is_503(
    client: httpx.AsyncClient, assets: FailingStore, job: Job, call: str
) -> None:
    address = f"/v1/media/{job.id}/content"
    assets.away_at = call

    response = await client.get(address)

    problem(response, 503, "storage_unavailable")
    assert int(response.headers["retry-after"]) >= 1
    assets.away_at = None
    assert (await client.get(address)).content == b"abcdef"


@pytest.mark.parametrize("call", ["size", "stream"])
async def test_a_store_that_is_silent_is_not_waited_for(
    database: FakeDatabase, assets: FailingStore, job: Job, call: str
) -> None:
    patience = timedelta(milliseconds=10)
    contents = ContentService(database.unit_of_work, assets, patience)
    assets.silent_at = call

    with pytest.raises(StorageUnavailableError, match="does not answer"):
        await (await contents.primary("default", job.id)).open(0, 6)


async def test_a_store_that_answers_by_itself_is_where_clients_are_sent(
    database: FakeDatabase, assets: FailingStore, job: Job
) -> None:
    service = ContentService(database.unit_of_work, assets, presigned_for=timedelta(seconds=60))

    content = await service.primary(job.tenant, job.id)

    assert await content.elsewhere() == f"https://store/{content.sha256}?expires=60"
    assets.away_at = "presigned"
    with pytest.raises(StorageUnavailableError):
        await content.elsewhere()
