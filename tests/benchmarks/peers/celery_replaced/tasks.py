"""The application, and the task, which runs asynchronous code in an event loop of its own."""

from uuid import UUID

from asgiref.sync import async_to_sync
from celery import Celery
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.benchmarks.peers import environment, job
from tests.benchmarks.peers.celery_replaced.models import JobStatus, now
from tests.benchmarks.peers.celery_replaced.repository import JobRepository, new_engine

app = Celery("peers", broker=environment.amqp_url())
app.conf.update(task_default_queue="jobs", broker_connection_retry_on_startup=True)


@app.task(name="generate")
def generate(job_id: str) -> None:
    """The loop ends with the task, so the engine has to, too."""
    async_to_sync(_generate)(UUID(job_id))


async def _generate(job_id: UUID) -> None:
    engine = new_engine()
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            await _process(JobRepository(session), job_id)
    finally:
        await engine.dispose()


async def _process(jobs: JobRepository, job_id: UUID) -> None:
    found = await jobs.find(job_id)
    if found is None:
        return
    await jobs.update(found, JobStatus.PROCESSING)
    try:
        result = job.generate(found.input)
    except Exception as error:
        await jobs.update(found, JobStatus.FAILED, error=str(error), finished_at=now())
        raise
    await jobs.update(found, JobStatus.COMPLETED, result=result, finished_at=now())
