"""The HTTP door, in FastAPI's threads since Celery publishes synchronously."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from fastapi import FastAPI, HTTPException
from uuid_utils.compat import uuid7

from tests.benchmarks.peers.celery_tuned.database import add, engine, find
from tests.benchmarks.peers.celery_tuned.tasks import generate
from tests.benchmarks.peers.job import JobAccepted, JobRequest, JobView


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.post("/jobs", status_code=202)
def create(body: JobRequest) -> JobAccepted:
    """Accept a job: commit, then publish by a pooled producer and await the broker's word."""
    job_id = uuid7()
    add(job_id, body)
    generate.delay(str(job_id))
    return JobAccepted(id=job_id, status="queued")


@app.get("/jobs/{job_id}", response_model=JobView)
def show(job_id: UUID) -> dict[str, Any]:
    """Show how far it is."""
    found = find(job_id)
    if found is None:
        raise HTTPException(404)
    return found
