"""The broker, and the task that a worker runs."""

from typing import Annotated

import asyncpg
from taskiq import Context, TaskiqDepends, TaskiqEvents, TaskiqState
from taskiq_aio_pika import AioPikaBroker

from tests.benchmarks.peers import environment, job
from tests.benchmarks.peers.taskiq.database import claim, finish, open_pool

# As many deliveries on their way as a worker runs at once (`--max-async-tasks`).
broker = AioPikaBroker(environment.amqp_url(), qos=100)


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def open_database(state: TaskiqState) -> None:
    """One pool a worker process."""
    state.pool = await open_pool()


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def close_database(state: TaskiqState) -> None:
    """After the last task."""
    await state.pool.close()


@broker.task(task_name="generate")
async def generate(job_id: str, context: Annotated[Context, TaskiqDepends()]) -> None:
    """From queued to ready; a job that is over, or gone, is left alone."""
    pool: asyncpg.Pool = context.state.pool
    given = await claim(pool, job_id)
    if given is not None:
        await finish(pool, job_id, job.generate(given))
