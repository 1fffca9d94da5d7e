"""What jobs have ordered from providers, and what of it is to be called off."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.generator.models import AbandonedWork, JobKey, StoppedJob
from services.generator.repository.rows import LAST_ATTEMPT, stopped_from
from shared.database.connection import Connection
from shared.generators import ProviderJob

_FIND = text("""
SELECT provider, provider_id, provider_job.attempt FROM job JOIN provider_job ON job_id = id
WHERE id = :id
""")

# The lock on the job's row orders this and a takeover: either it is written, and the next worker
# finds it, or the next worker is there already, and nothing is ordered.
_MINE = """
SELECT id, attempt FROM job
WHERE id = :id AND fence = :fence AND status = 'running' FOR SHARE
"""
_INTEND = text(f"""
INSERT INTO provider_job (job_id, attempt, provider)
SELECT id, attempt, CAST(:provider AS text) FROM ({_MINE}) AS mine
ON CONFLICT (job_id) DO UPDATE SET attempt = excluded.attempt, provider = excluded.provider,
  provider_id = NULL, asked_at = now(), cancel_at = NULL
RETURNING provider, provider_id, attempt
""")
_SUBMITTED = text(f"""
UPDATE provider_job SET provider_id = :provider_id FROM ({_MINE}) AS mine WHERE job_id = mine.id
RETURNING provider, provider_id, provider_job.attempt
""")
_FORGET = text(f"""
DELETE FROM provider_job USING ({_MINE}) AS mine WHERE job_id = mine.id
""")

_ABANDON = text("""
UPDATE provider_job SET cancel_at = now()
WHERE job_id = ANY(CAST(:ids AS uuid[])) AND canceled_at IS NULL AND cancel_at IS NULL
""")
_TAKE_ABANDONED = text("""
WITH due AS (
  SELECT job_id FROM provider_job JOIN job ON job.id = job_id
  WHERE cancel_at <= now() AND generator = ANY(CAST(:generators AS text[]))
  ORDER BY cancel_at LIMIT CAST(:most AS int) FOR UPDATE OF provider_job SKIP LOCKED
)
UPDATE provider_job SET cancel_tries = cancel_tries + 1,
  cancel_at = now() + make_interval(secs => CAST(:pause AS float8))
FROM due JOIN job ON job.id = due.job_id WHERE provider_job.job_id = due.job_id
RETURNING provider_job.*, job.generator, job.input
""")
_CALLED_OFF = text("""
UPDATE provider_job SET cancel_at = NULL, canceled_at = now(), cancel_error = NULL
WHERE job_id = :id
""")
# An attempt pays once: what is known of its cost already stays.
_SETTLE = text(f"""
UPDATE ended_attempt AS a SET cost = CAST(:cost AS float8)
FROM provider_job JOIN job ON job.id = provider_job.job_id
WHERE provider_job.job_id = :id AND a.job_id = :id AND a.number = provider_job.attempt
  AND coalesce(a.cost, 0) = 0
RETURNING job.id, job.generator, job.request, NULL AS cause, {LAST_ATTEMPT}
""")
_NOT_CALLED_OFF = text("""
UPDATE provider_job SET cancel_error = :error,
  cancel_at = CASE WHEN CAST(:last AS boolean) THEN NULL ELSE cancel_at END
WHERE job_id = :id
""")


class ProviderRepository:
    """Orders: noted by who holds the job, called off by anybody who can."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, job_id: UUID) -> ProviderJob | None:
        """The last order."""
        row = (await self._connection.execute(_FIND, {"id": job_id})).mappings().one_or_none()
        return None if row is None else _provider_job(row)

    async def intend(self, key: JobKey, provider: str) -> ProviderJob | None:
        """Note that something will be ordered; None: the job is in other hands."""
        return await self._note(_INTEND, key, provider=provider)

    async def submitted(self, key: JobKey, provider_id: str) -> ProviderJob | None:
        """Note what it is called there; None: the job is in other hands."""
        return await self._note(_SUBMITTED, key, provider_id=provider_id)

    async def forget(self, key: JobKey) -> None:
        """Nothing was ordered; in other hands, the job keeps what it has."""
        job_id, fence = key
        await self._connection.execute(_FORGET, {"id": job_id, "fence": fence})

    async def abandon(self, job_ids: Sequence[UUID]) -> None:
        """What these jobs have ordered is no longer wanted; most have ordered nothing."""
        await self._connection.execute(_ABANDON, {"ids": list(job_ids)})

    async def take_abandoned(
        self, generators: Sequence[str], *, most: int, pause: timedelta
    ) -> list[AbandonedWork]:
        """What is to be called off now; whoever takes it has `pause` before another may."""
        rows = await self._connection.execute(
            _TAKE_ABANDONED,
            {"generators": list(generators), "most": most, "pause": pause.total_seconds()},
        )
        return [
            AbandonedWork(
                job_id=row["job_id"],
                generator=row["generator"],
                input=row["input"],
                provider_job=_provider_job(row),
                tries=row["cancel_tries"],
            )
            for row in rows.mappings()
        ]

    async def called_off(self, job_id: UUID) -> None:
        """The provider knows."""
        await self._connection.execute(_CALLED_OFF, {"id": job_id})

    async def settle(self, job_id: UUID, cost: float) -> StoppedJob | None:
        """Its attempt that had ordered has cost so much. None where that is known already."""
        result = await self._connection.execute(_SETTLE, {"id": job_id, "cost": cost})
        row = result.mappings().one_or_none()
        return None if row is None else stopped_from(row)

    async def not_called_off(self, job_id: UUID, error: str, *, last: bool) -> None:
        """It could not be told; `last`: and will not be told again."""
        await self._connection.execute(
            _NOT_CALLED_OFF, {"id": job_id, "error": error, "last": last}
        )

    async def _note(self, statement: Any, key: JobKey, **told: str) -> ProviderJob | None:
        job_id, fence = key
        result = await self._connection.execute(statement, {"id": job_id, "fence": fence, **told})
        row = result.mappings().one_or_none()
        return None if row is None else _provider_job(row)


def _provider_job(row: Mapping[Any, Any]) -> ProviderJob:
    return ProviderJob(row["provider"], row["provider_id"], row["attempt"])
