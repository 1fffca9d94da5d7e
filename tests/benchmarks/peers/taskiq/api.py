"""The HTTP door: commit, then publish and await the broker's word."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from fastapi import FastAPI, HTTPException, Request
from uuid_utils.compat import uuid7

from tests.benchmarks.peers.job import JobAccepted, JobRequest, JobView
from tests.benchmarks.peers.taskiq.database import add, find, open_pool
from tests.benchmarks.peers.taskiq.tasks import broker, generate


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await broker.startup()
    async with await open_pool() as app.state.pool:
        yield
    await broker.shutdown()


app = FastAPI(lifespan=lifespan)


@app.post("/jobs", status_code=202)
async def create(body: JobRequest, request: Request) -> JobAccepted:
    """Accept a job."""
    job_id = uuid7()
    await add(request.app.state.pool, job_id, body)
    await generate.kiq(str(job_id))
    return JobAccepted(id=job_id, status="queued")


@app.get("/jobs/{job_id}", response_model=JobView)
async def show(job_id: UUID, request: Request) -> dict[str, Any]:
    """Show how far it is."""
    found = await find(request.app.state.pool, job_id)
    if found is None:
        raise HTTPException(404)
    return found
