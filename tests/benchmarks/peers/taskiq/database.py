"""The statements, each its own transaction."""

from typing import Any
from uuid import UUID

import asyncpg
import orjson

from tests.benchmarks.peers.environment import database_url
from tests.benchmarks.peers.job import JobRequest, Result

_ADD = "INSERT INTO job (id, generator, input, priority, status) VALUES ($1, $2, $3, $4, 'queued')"
_CLAIM = """
UPDATE job SET status = 'running', started_at = now()
WHERE id = $1 AND status IN ('queued', 'running') RETURNING input
"""
_FINISH = """
UPDATE job SET status = 'ready', result = $2, finished_at = now()
WHERE id = $1 AND status = 'running'
"""
_FIND = "SELECT id, generator, status, result, created_at, finished_at FROM job WHERE id = $1"


async def open_pool() -> asyncpg.Pool:
    """Of ten connections, asyncpg's default."""
    return await asyncpg.create_pool(database_url(), init=_speak_json)


async def add(pool: asyncpg.Pool, job_id: UUID, request: JobRequest) -> None:
    given = request.input.model_dump()
    await pool.execute(_ADD, job_id, request.generator, given, request.priority)


async def claim(pool: asyncpg.Pool, job_id: str) -> dict[str, Any] | None:
    """What to generate, or None where there is nothing to do."""
    given: dict[str, Any] | None = await pool.fetchval(_CLAIM, job_id)
    return given


async def finish(pool: asyncpg.Pool, job_id: str, result: Result) -> None:
    await pool.execute(_FINISH, job_id, result)


async def find(pool: asyncpg.Pool, job_id: UUID) -> dict[str, Any] | None:
    row = await pool.fetchrow(_FIND, job_id)
    return None if row is None else dict(row)


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
        format="binary",
    )
