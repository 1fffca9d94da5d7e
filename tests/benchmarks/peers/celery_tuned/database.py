"""The statements, by SQLAlchemy Core; each its own transaction, without a BEGIN and a COMMIT."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    create_engine,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from tests.benchmarks.peers.environment import database_url
from tests.benchmarks.peers.job import JobRequest, Result

# As many connections as threads of the HTTP door; a worker process uses one.
engine = create_engine(
    database_url("psycopg"), isolation_level="AUTOCOMMIT", pool_size=40, max_overflow=0
)

jobs = Table(
    "job",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("generator", Text),
    Column("input", JSONB),
    Column("priority", Text),
    Column("status", Text),
    Column("result", JSONB),
    Column("created_at", DateTime(timezone=True), server_default=func.now()),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
)
_one = jobs.c.id == bindparam("job_id", type_=Uuid)

_ADD = insert(jobs).inline()
_CLAIM = (
    update(jobs)
    .where(_one, jobs.c.status.in_(["queued", "running"]))
    .values(status="running", started_at=func.now())
    .returning(jobs.c.input)
)
_FINISH = (
    update(jobs)
    .where(_one, jobs.c.status == "running")
    .values(status="ready", result=bindparam("what", type_=JSONB), finished_at=func.now())
)
_FIND = select(
    jobs.c.id,
    jobs.c.generator,
    jobs.c.status,
    jobs.c.result,
    jobs.c.created_at,
    jobs.c.finished_at,
).where(_one)


def add(job_id: UUID, request: JobRequest) -> None:
    row = request.model_dump() | {"id": job_id, "status": "queued"}
    with engine.connect() as connection:
        connection.execute(_ADD, row)


def claim(job_id: str) -> dict[str, Any] | None:
    """What to generate, or None where there is nothing to do."""
    with engine.connect() as connection:
        given: dict[str, Any] | None = connection.scalar(_CLAIM, {"job_id": UUID(job_id)})
        return given


def finish(job_id: str, result: Result) -> None:
    with engine.connect() as connection:
        connection.execute(_FINISH, {"job_id": UUID(job_id), "what": result})


def find(job_id: UUID) -> dict[str, Any] | None:
    with engine.connect() as connection:
        row = connection.execute(_FIND, {"job_id": job_id}).mappings().one_or_none()
        return None if row is None else dict(row)
