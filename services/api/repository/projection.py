"""Writing what events say into the read model and the event log."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from services.api.models import Job
from services.api.repository.rows import JOB_COLUMNS, job_from
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb, to_jsonb_or_null
from shared.events import CloudEvent

_LOCK = text(f"""
SELECT {JOB_COLUMNS} FROM job WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")

_UPDATE = text("""
UPDATE job SET status = n.status, version = n.version, updated_at = n.updated_at,
  started_at = n.started_at, finished_at = n.finished_at, attempts = CAST(n.attempts AS jsonb),
  assets = CAST(n.assets AS jsonb), failure = CAST(n.failure AS jsonb),
  reconciliation = CAST(n.reconciliation AS jsonb)
FROM unnest(
  CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:versions AS bigint[]),
  CAST(:updated_ats AS timestamptz[]), CAST(:started_ats AS timestamptz[]),
  CAST(:finished_ats AS timestamptz[]), CAST(:attempts AS text[]), CAST(:assets AS text[]),
  CAST(:failures AS text[]), CAST(:reconciliations AS text[])
) AS n(id, status, version, updated_at, started_at, finished_at, attempts, assets, failure,
  reconciliation)
WHERE job.id = n.id
""")

_LOG = text("""
INSERT INTO job_event (event_id, job_id, tenant, type, version, time, body)
SELECT e.event_id, e.job_id, e.tenant, e.type, e.version, e.time, e.body
FROM unnest(
  CAST(:event_ids AS text[]), CAST(:job_ids AS uuid[]), CAST(:tenants AS text[]),
  CAST(:types AS text[]), CAST(:versions AS bigint[]), CAST(:times AS timestamptz[]),
  CAST(:bodies AS text[])
) WITH ORDINALITY AS e(event_id, job_id, tenant, type, version, time, body, place)
ORDER BY e.place
ON CONFLICT (job_id, event_id) DO NOTHING
""")


_FIND_LOGGED = text("""
SELECT body FROM job_event WHERE job_id = :job_id AND type = :type ORDER BY seq DESC LIMIT 1
""")


class LoggedEvent(NamedTuple):
    """One line of the event log; `body` is the whole CloudEvent as JSON."""

    event_id: str
    job_id: UUID
    tenant: str
    type: str
    version: int
    time: datetime
    body: str

    @classmethod
    def of(cls, event: CloudEvent, job_id: UUID, body: str) -> "LoggedEvent":
        """The line of `event`, whose JSON is `body`."""
        return cls(event.id, job_id, event.tenant, event.type, event.data.version, event.time, body)


class ProjectionRepository:
    """The read model's writing side. Jobs are locked in the order of their ids."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, ids: Iterable[UUID]) -> dict[UUID, Job]:
        """The jobs that exist, locked until the unit of work ends."""
        rows = await self._connection.execute(_LOCK, {"ids": sorted(ids)})
        return {row["id"]: job_from(row) for row in rows.mappings()}

    async def update(self, jobs: Sequence[Job]) -> None:
        """Write back jobs that were locked."""
        if not jobs:
            return
        await self._connection.execute(
            _UPDATE,
            {
                "ids": [job.id for job in jobs],
                "statuses": [job.status.value for job in jobs],
                "versions": [job.version for job in jobs],
                "updated_ats": [job.updated_at for job in jobs],
                "started_ats": [job.started_at for job in jobs],
                "finished_ats": [job.finished_at for job in jobs],
                "attempts": [to_jsonb(job.attempts) for job in jobs],
                "assets": [to_jsonb(job.assets) for job in jobs],
                "failures": [to_jsonb_or_null(job.failure) for job in jobs],
                "reconciliations": [to_jsonb_or_null(job.reconciliation) for job in jobs],
            },
        )

    async def find_logged(self, job_id: UUID, type_name: str) -> str | None:
        """The last event of this type about the job, as JSON."""
        told = {"job_id": job_id, "type": type_name}
        found: list[str] = list((await self._connection.execute(_FIND_LOGGED, told)).scalars())
        return found[0] if found else None

    async def log(self, events: Sequence[LoggedEvent]) -> None:
        """Append to the event log; what is already there is left as it is."""
        if not events:
            return
        await self._connection.execute(
            _LOG,
            {
                "event_ids": [event.event_id for event in events],
                "job_ids": [event.job_id for event in events],
                "tenants": [event.tenant for event in events],
                "types": [event.type for event in events],
                "versions": [event.version for event in events],
                "times": [event.time for event in events],
                "bodies": [event.body for event in events],
            },
        )
