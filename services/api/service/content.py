"""Finding the bytes of a job."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from services.api.errors import AssetNotFoundError, NotReadyError
from services.api.models import Job
from services.api.unit_of_work import OpenUnitOfWork


class AssetReader(Protocol):
    """What is needed of the asset store."""

    async def size(self, sha256: str) -> int: ...

    def stream(
        self, sha256: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Content:
    """One file: what it is, and how to read `[start, end)` of it."""

    sha256: str
    media_type: str
    size: int
    filename: str | None
    job_id: UUID
    assets: AssetReader

    def stream(self, start: int, end: int) -> AsyncIterator[bytes]:
        return self.assets.stream(self.sha256, start, end)


class ContentService:
    """The files that came out of jobs."""

    def __init__(self, unit_of_work: OpenUnitOfWork, assets: AssetReader) -> None:
        self._unit_of_work = unit_of_work
        self._assets = assets

    async def primary(self, tenant: str, job_id: UUID) -> Content:
        """The answer of a job. Raises `NotReadyError`, `AssetNotFoundError` and not-founds."""
        job = await self._job(tenant, job_id)
        for asset in job.assets:
            if asset["role"] == "primary":
                return await self._content(job, asset)
        raise _nothing(job)

    async def asset(self, tenant: str, job_id: UUID, index: int) -> Content:
        """The asset number `index` of a job, from 0. Raises the same."""
        job = await self._job(tenant, job_id)
        if index < len(job.assets):
            return await self._content(job, job.assets[index])
        raise _nothing(job)

    async def _job(self, tenant: str, job_id: UUID) -> Job:
        async with self._unit_of_work() as work:
            return await work.jobs.get(tenant, job_id)

    async def _content(self, job: Job, asset: dict[str, Any]) -> Content:
        return Content(
            sha256=asset["sha256"],
            media_type=asset["media_type"],
            size=await self._assets.size(asset["sha256"]),
            filename=asset.get("filename"),
            job_id=job.id,
            assets=self._assets,
        )


def _nothing(job: Job) -> AssetNotFoundError | NotReadyError:
    if not job.status.final:
        return NotReadyError(
            f"The media request is {job.status.value}: ask again when it is ready."
        )
    return AssetNotFoundError(f"The media request is {job.status.value} and has no such asset.")
