"""The statements, each its own transaction, without a BEGIN and a COMMIT."""

from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from tests.benchmarks.peers.environment import database_url
from tests.benchmarks.peers.job import JobRequest, Result

_ADD = "INSERT INTO job (id, generator, input, priority, status) VALUES (%s, %s, %s, %s, 'queued')"
_CLAIM = """
UPDATE job SET status = 'running', started_at = now()
WHERE id = %s AND status IN ('queued', 'running') RETURNING input
"""
_FINISH = """
UPDATE job SET status = 'ready', result = %s, finished_at = now()
WHERE id = %s AND status = 'running'
"""
_FIND = "SELECT id, generator, status, result, created_at, finished_at FROM job WHERE id = %s"

# As many connections as threads of a worker process.
pool = ConnectionPool(
    database_url(),
    min_size=8,
    max_size=8,
    open=False,
    kwargs={"autocommit": True, "row_factory": dict_row},
)


def add(job_id: UUID, request: JobRequest) -> None:
    given = Jsonb(request.input.model_dump())
    with pool.connection() as connection:
        connection.execute(_ADD, (job_id, request.generator, given, request.priority))


def claim(job_id: str) -> dict[str, Any] | None:
    """What to generate, or None where there is nothing to do."""
    with pool.connection() as connection:
        row = connection.execute(_CLAIM, (UUID(job_id),)).fetchone()
        return None if row is None else row["input"]


def finish(job_id: str, result: Result) -> None:
    with pool.connection() as connection:
        connection.execute(_FINISH, (Jsonb(result), UUID(job_id)))


def find(job_id: UUID) -> dict[str, Any] | None:
    with pool.connection() as connection:
        row: dict[str, Any] | None = connection.execute(_FIND, (job_id,)).fetchone()
        return row
