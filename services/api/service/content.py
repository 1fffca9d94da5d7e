"""Finding the bytes of a job."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

from services.api.errors import AssetNotFoundError, NotReadyError
from services.api.models import Job
from services.api.unit_of_work import OpenUnitOfWork
from shared.storage import StorageUnavailableError

PATIENCE = timedelta(seconds=5)
"""How long the store may take to say how large an asset is, and to bring the first of it."""

Answer = TypeVar("Answer")


class AssetReader(Protocol):
    """What is needed of the asset store."""

    async def size(self, sha256: str) -> int: ...

    async def presigned(self, sha256: str, lasting: timedelta) -> str | None: ...

    def stream(
        self, sha256: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Content:
    """One file: what it is, and how to read `[start, end)` of it; `id` is its job's or its own."""

    sha256: str
    media_type: str
    size: int
    filename: str | None
    id: UUID
    assets: AssetReader
    patience: timedelta = PATIENCE
    presigned_for: timedelta | None = None

    async def elsewhere(self) -> str | None:
        """Where the store itself answers it, for a while; None: only here.

        Raises `StorageUnavailableError`.
        """
        if self.presigned_for is None:
            return None
        signing = self.assets.presigned(self.sha256, self.presigned_for)
        return await _in_time(signing, self.patience)

    async def open(self, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes, once the first of them are there: what goes wrong before that is an error.

        Raises `StorageUnavailableError`.
        """
        chunks = self.assets.stream(self.sha256, start, end)
        first = await _in_time(anext(chunks, b""), self.patience)
        return _joined(first, chunks)


class ContentService:
    """The files that came out of jobs."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        assets: AssetReader,
        patience: timedelta = PATIENCE,
        *,
        presigned_for: timedelta | None = None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._assets = assets
        self._patience = patience
        self._presigned_for = presigned_for

    async def primary(self, tenant: str, job_id: UUID) -> Content:
        """The answer of a job. Raises `NotReadyError`, `AssetNotFoundError` and not-founds."""
        job = await self._job(tenant, job_id)
        for asset in job.assets:
            if asset["role"] == "primary":
                return await self._content(job.id, asset)
        raise _nothing(job)

    async def asset(self, tenant: str, job_id: UUID, index: int) -> Content:
        """The asset number `index` of a job, from 0. Raises the same."""
        job = await self._job(tenant, job_id)
        if index < len(job.assets):
            return await self._content(job.id, job.assets[index])
        raise _nothing(job)

    async def upload(self, tenant: str, upload_id: UUID) -> Content:
        """A file that was brought along. Raises `UploadNotFoundError`."""
        async with self._unit_of_work() as work:
            upload = await work.uploads.get(tenant, upload_id)
        return await self._content(upload.id, asdict(upload))

    async def _job(self, tenant: str, job_id: UUID) -> Job:
        async with self._unit_of_work() as work:
            return await work.jobs.get(tenant, job_id)

    async def _content(self, owner: UUID, asset: dict[str, Any]) -> Content:
        return Content(
            sha256=asset["sha256"],
            media_type=asset["media_type"],
            size=await _in_time(self._assets.size(asset["sha256"]), self._patience),
            filename=asset.get("filename"),
            id=owner,
            assets=self._assets,
            patience=self._patience,
            presigned_for=self._presigned_for,
        )


async def _in_time(answer: Awaitable[Answer], patience: timedelta) -> Answer:
    try:
        async with asyncio.timeout(patience.total_seconds()):
            return await answer
    except TimeoutError as error:
        raise StorageUnavailableError("The asset store does not answer.") from error


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _nothing(job: Job) -> AssetNotFoundError | NotReadyError:
    if not job.status.final:
        return NotReadyError(
            f"The media request is {job.status.value}: ask again when it is ready."
        )
    return AssetNotFoundError(f"The media request is {job.status.value} and has no such asset.")
