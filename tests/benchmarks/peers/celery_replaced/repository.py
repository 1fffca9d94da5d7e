"""The asynchronous repository that API and tasks share; every change is a commit."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.benchmarks.peers.celery_replaced.models import Job, JobStatus, now
from tests.benchmarks.peers.environment import database_url


def new_engine() -> AsyncEngine:
    """Bound to the event loop that first uses it."""
    return create_async_engine(database_url("asyncpg"))


class JobRepository:
    """Rows of jobs, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, job: Job) -> Job:
        return await self._save(job)

    async def find(self, job_id: UUID) -> Job | None:
        return await self._session.get(Job, job_id)

    async def update(self, job: Job, status: JobStatus, **changes: Any) -> Job:
        job.sqlmodel_update({"status": status, "updated_at": now(), **changes})
        return await self._save(job)

    async def _save(self, job: Job) -> Job:
        self._session.add(job)
        await self._session.commit()
        return job
