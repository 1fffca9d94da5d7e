"""Reading media requests."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from services.api.errors import MediaDeletedError, MediaRequestNotFoundError
from services.api.models import Job, JobFilter, Place, Tombstone, Waiting
from services.api.repository.deletions import first_id_at, tombstone_from
from services.api.repository.filters import conditions_for, metadata_conditions
from services.api.repository.rows import JOB_COLUMNS, job_from
from shared.database.connection import Connection
from shared.events import DeletionReason
from shared.events.parts import rfc3339

_FIND = text(f"SELECT {JOB_COLUMNS} FROM job WHERE id = :id AND tenant = :tenant")
_FIND_MANY = text(f"""
SELECT {JOB_COLUMNS} FROM job WHERE id = ANY(CAST(:ids AS uuid[])) AND tenant = :tenant
""")
_PLACED = """
SELECT {columns}, CASE WHEN status = 'queued' THEN (
  SELECT count(*) FROM (SELECT 1 FROM job AS other WHERE other.status = 'queued'
    AND other.generator = job.generator AND other.lane = job.lane AND {whose} AND other.id < job.id
    LIMIT CAST(:most AS int)) AS ahead) END AS ahead
FROM job WHERE id = :id AND tenant = :tenant
"""
_AMONG_OWN = text(_PLACED.format(columns=JOB_COLUMNS, whose="other.tenant = job.tenant"))
_AMONG_ALL = text(_PLACED.format(columns=JOB_COLUMNS, whose="true"))
_TOMBSTONE = text("SELECT * FROM tombstone WHERE id = :id AND tenant = :tenant")
# From place to place in the index `job_queued`, which has all of it: names are compared once for
# each place and not for each job.
_QUEUED = text("""
WITH RECURSIVE place AS (
  (SELECT generator, lane, tenant FROM job WHERE status = 'queued'
    ORDER BY generator, lane, tenant LIMIT 1)
  UNION ALL
  SELECT next.* FROM place, LATERAL (
    SELECT job.generator, job.lane, job.tenant FROM job WHERE job.status = 'queued'
      AND (job.generator, job.lane, job.tenant) > (place.generator, place.lane, place.tenant)
    ORDER BY job.generator, job.lane, job.tenant LIMIT 1) AS next
)
SELECT place.*, waiting.* FROM place, LATERAL (
  SELECT count(*) AS jobs, count(*) FILTER (WHERE job.overflow) AS overflow FROM job
  WHERE job.status = 'queued' AND job.generator = place.generator AND job.lane = place.lane
    AND job.tenant = place.tenant) AS waiting
""")
_CONDITIONS = {
    "before": "id < :before",
    "after": "id > :after",
    "status": "status = ANY(CAST(:status AS text[]))",
    "generator": "generator = ANY(CAST(:generator AS text[]))",
    "created_after": "created_at > :created_after AND id >= :first_id",
    "created_before": "created_at < :created_before",
    "retried_from": "retried_from = :retried_from",
}

MOST_AHEAD = 1000
"""Positions past this are not counted out: each costs a look, and clients poll."""


class MediaRequestRepository:
    """The read model of all media requests."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, tenant: str, job_id: UUID) -> Job | None:
        """The tenant's job of this id."""
        result = await self._connection.execute(_FIND, {"id": job_id, "tenant": tenant})
        row = result.mappings().one_or_none()
        return None if row is None else job_from(row)

    async def get(self, tenant: str, job_id: UUID) -> Job:
        """The same; raises `MediaRequestNotFoundError`, `MediaDeletedError`. Two statements."""
        job = await self.find(tenant, job_id)
        if job is None:
            raise gone(await self.find_tombstone(tenant, job_id), job_id)
        return job

    async def find_tombstone(self, tenant: str, job_id: UUID) -> Tombstone | None:
        """What is left of a job of the tenant's that was deleted."""
        result = await self._connection.execute(_TOMBSTONE, {"id": job_id, "tenant": tenant})
        row = result.mappings().one_or_none()
        return None if row is None else tombstone_from(row)

    async def list_by_ids(self, tenant: str, ids: Sequence[UUID]) -> list[Job]:
        """Those of the tenant's jobs that there are, in any order."""
        rows = await self._connection.execute(_FIND_MANY, {"ids": list(ids), "tenant": tenant})
        return [job_from(row) for row in rows.mappings()]

    async def get_placed(
        self, tenant: str, job_id: UUID, *, among_own: bool
    ) -> tuple[Job, int | None]:
        """The same; and how many are before it in its queue, to `MOST_AHEAD`, while it is queued.

        Those are the older queued jobs of the same generator and lane, all of them or the tenant's
        own. One statement: also of a job that was deleted it says that there is none.
        """
        wanted = {"id": job_id, "tenant": tenant, "most": MOST_AHEAD}
        statement = _AMONG_OWN if among_own else _AMONG_ALL
        row = (await self._connection.execute(statement, wanted)).mappings().one_or_none()
        if row is None:
            raise MediaRequestNotFoundError(f"There is no media request {job_id}.")
        return job_from(row), row["ahead"]

    async def count_queued(self) -> dict[Place, Waiting]:
        """How many jobs wait, by tenant, generator and lane; costs a look at each of them."""
        rows = await self._connection.execute(_QUEUED)
        return {
            Place(row.tenant, row.generator, row.lane): Waiting(int(row.jobs), int(row.overflow))
            for row in rows
        }

    async def list_by_tenant(self, wanted: JobFilter) -> list[Job]:
        """The tenant's jobs, at most `limit`.

        What is looked for by anything but its age costs a look at each job on the way to it.
        """
        pairs, contained = metadata_conditions(wanted.metadata or {})
        conditions, values = conditions_for(wanted, _CONDITIONS, "tenant = :tenant", *pairs)
        order = "ASC" if wanted.oldest_first else "DESC"
        statement = text(
            f"SELECT {JOB_COLUMNS} FROM job WHERE {conditions} ORDER BY id {order} LIMIT :limit"
        )
        values |= {"tenant": wanted.tenant, "limit": wanted.limit, **contained}
        if moment := values.get("created_after"):
            values["first_id"] = first_id_at(moment)
        rows = await self._connection.execute(statement, values)
        return [job_from(row) for row in rows.mappings()]


def gone(
    tombstone: Tombstone | None, job_id: UUID
) -> MediaDeletedError | MediaRequestNotFoundError:
    """Why there is no such job."""
    if tombstone is None:
        return MediaRequestNotFoundError(f"There is no media request {job_id}.")
    why = (
        "it was asked for" if tombstone.reason is DeletionReason.REQUESTED else "its time was over"
    )
    return MediaDeletedError(
        f"The media request {job_id} was deleted: {why}.",
        extra={
            "job_id": str(job_id),
            "generator": tombstone.generator,
            "job_status": tombstone.status.value,
            "created_at": rfc3339(tombstone.created_at),
            "finished_at": tombstone.finished_at and rfc3339(tombstone.finished_at),
            "deleted_at": rfc3339(tombstone.deleted_at),
            "reason": tombstone.reason.value,
        },
    )
