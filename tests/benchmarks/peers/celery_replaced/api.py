"""The HTTP door: commit, then publish from the event loop, trusting the broker to have it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.benchmarks.peers.celery_replaced.models import Job, PeerTable
from tests.benchmarks.peers.celery_replaced.repository import JobRepository, new_engine
from tests.benchmarks.peers.celery_replaced.tasks import generate
from tests.benchmarks.peers.job import JobAccepted, JobRequest, JobView


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.engine = new_engine()
    async with app.state.engine.begin() as connection:
        await connection.run_sync(PeerTable.metadata.create_all)
    yield
    await app.state.engine.dispose()


async def repository(request: Request) -> AsyncIterator[JobRepository]:
    """One session a request, from the pooled engine."""
    async with AsyncSession(request.app.state.engine, expire_on_commit=False) as session:
        yield JobRepository(session)


Jobs = Annotated[JobRepository, Depends(repository)]
app = FastAPI(lifespan=lifespan)


@app.post("/jobs", status_code=202)
async def create(body: JobRequest, jobs: Jobs) -> JobAccepted:
    """Accept a job."""
    job = await jobs.add(Job(**body.model_dump()))
    generate.delay(str(job.id))
    return JobAccepted(id=job.id, status=job.status)


@app.get("/jobs/{job_id}", response_model=JobView)
async def show(job_id: UUID, jobs: Jobs) -> Job:
    """Show how far it is."""
    found = await jobs.find(job_id)
    if found is None:
        raise HTTPException(404)
    return found
