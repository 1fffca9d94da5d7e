"""How attempts ended: recorded where the fence still matches, with what is said about it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.generator.models import JobKey, Result
from services.generator.repository.rows import failure_json
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb
from shared.events import CloudEvent
from shared.messaging.outbox import OUTBOX_COLUMNS, OUTBOX_ROWS, OUTBOX_VALUES, Bundle

# Rows are found by their ids, one by one and in order: joined freely, a plan that was made while
# the table was small would compare all with all. The event is joined by its own id, not the job's:
# a late result of an older attempt in the same batch must not get its word in beside the one that
# counts. History is no reason to refuse a result: what stands there of the attempt stays.
_RECORD = text(f"""
WITH result AS (
  SELECT * FROM unnest(
    CAST(:ids AS uuid[]), CAST(:fences AS bigint[]), CAST(:statuses AS text[]),
    CAST(:finals AS boolean[]), CAST(:delays AS float8[]), CAST(:uncounteds AS int[]),
    CAST(:setbacks AS text[]), CAST(:numbers AS int[]), CAST(:workers AS text[]),
    CAST(:backends AS text[]), CAST(:started_ats AS timestamptz[]), CAST(:outcomes AS text[]),
    CAST(:failures AS text[]), CAST(:ended_ats AS timestamptz[]), CAST(:costs AS float8[]),
    CAST(:message_ids AS text[])
  ) AS r(id, fence, status, final, delay, uncounted, setback, number, worker, backend, started_at,
    outcome, failure, ended_at, cost, message_id)
), held AS MATERIALIZED (
  SELECT mine.id, mine.fence FROM (SELECT id, fence FROM result ORDER BY id) AS r,
  LATERAL (
    SELECT job.id, job.fence FROM job
    WHERE job.id = r.id AND job.fence = r.fence AND job.status = 'running' FOR UPDATE
  ) AS mine
), done AS (
  UPDATE job SET status = result.status, worker = NULL, lease_until = NULL,
    available_at = coalesce(now() + make_interval(secs => result.delay), job.available_at),
    max_attempts = job.max_attempts + result.uncounted,
    setbacks = CASE WHEN result.setback IS NULL THEN job.setbacks ELSE job.setbacks
      || jsonb_build_object(result.setback,
        coalesce(CAST(job.setbacks ->> result.setback AS int), 0) + 1) END,
    finished_at = CASE WHEN result.final THEN now() END
  FROM result JOIN held USING (id, fence)
  WHERE job.id = held.id AND job.fence = held.fence AND job.status = 'running'
  RETURNING job.id, job.fence, result.number, result.worker, result.backend, result.started_at,
    result.ended_at, result.outcome, result.failure, result.cost, result.message_id
), closed AS (
  INSERT INTO ended_attempt (job_id, number, fence, worker, backend, started_at, ended_at, outcome,
    failure, cost)
  SELECT id, number, fence, worker, backend, started_at, ended_at, outcome,
    CAST(failure AS jsonb), cost
  FROM done
  ON CONFLICT DO NOTHING
), stored AS (
  INSERT INTO asset (job_id, position, sha256, media_type, size, role, filename, width, height,
    duration, provenance)
  SELECT a.job_id, a.position, sha256, media_type, size, role, filename, width, height, duration,
    CAST(provenance AS jsonb)
  FROM unnest(
    CAST(:asset_job_ids AS uuid[]), CAST(:asset_fences AS bigint[]),
    CAST(:asset_positions AS int[]), CAST(:asset_sha256s AS text[]),
    CAST(:asset_media_types AS text[]), CAST(:asset_sizes AS bigint[]),
    CAST(:asset_roles AS text[]), CAST(:asset_filenames AS text[]), CAST(:asset_widths AS int[]),
    CAST(:asset_heights AS int[]), CAST(:asset_durations AS float8[]),
    CAST(:asset_provenances AS text[])
  ) AS a(job_id, fence, position, sha256, media_type, size, role, filename, width, height,
    duration, provenance)
  JOIN done ON done.id = a.job_id AND done.fence = a.fence
), said AS (
  INSERT INTO outbox_bundle ({OUTBOX_COLUMNS})
  SELECT {OUTBOX_VALUES} FROM {OUTBOX_ROWS} JOIN done ON done.message_id = o.message_id
  HAVING count(*) > 0
)
SELECT id, fence FROM done
""")

_SAY_WHILE_RUNNING = text(f"""
WITH running AS (
  SELECT o.* FROM {OUTBOX_ROWS}
  JOIN unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[])) AS mine(id, fence)
    ON mine.id = CAST(o.subject AS uuid)
  JOIN job ON job.id = mine.id AND job.fence = mine.fence AND job.status = 'running'
), said AS (
  INSERT INTO outbox_bundle ({OUTBOX_COLUMNS})
  SELECT {OUTBOX_VALUES} FROM running AS o HAVING count(*) > 0
)
SELECT message_id FROM running
""")


class ResultRepository:
    """The ends of attempts, and what is said while they last."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def record(self, results: Sequence[Result]) -> set[JobKey]:
        """Record all that are still ours and put their events into the outbox. Answers which."""
        bundle = Bundle.of(result.event for result in results)
        rows = await self._connection.execute(
            _RECORD,
            {
                **_result_parameters(results),
                **_asset_parameters(results),
                **bundle.parameters(self._connection),
            },
        )
        ours = {(row.id, row.fence) for row in rows}
        said = {result.event.id for result in results if result.job.key in ours}
        bundle.hand_over(self._connection, said)
        return ours

    async def say_while_running(self, news: Sequence[tuple[JobKey, CloudEvent]]) -> None:
        """Put these events into the outbox, but only of attempts that still run and are ours."""
        bundle = Bundle.of(event for _, event in news)
        said = await self._connection.execute(
            _SAY_WHILE_RUNNING,
            {
                "ids": [job_id for (job_id, _), _ in news],
                "fences": [fence for (_, fence), _ in news],
                **bundle.parameters(self._connection),
            },
        )
        bundle.hand_over(self._connection, set(said.scalars()))


def _result_parameters(results: Sequence[Result]) -> dict[str, Any]:
    return {
        "ids": [result.job.id for result in results],
        "fences": [result.job.fence for result in results],
        "statuses": [result.status.value for result in results],
        "finals": [result.status.final for result in results],
        "delays": [
            None if result.delay is None else result.delay.total_seconds() for result in results
        ],
        "uncounteds": [int(result.uncounted) for result in results],
        "setbacks": [result.setback and result.setback.value for result in results],
        "numbers": [result.attempt.number for result in results],
        "workers": [result.attempt.worker for result in results],
        "backends": [result.attempt.backend for result in results],
        "started_ats": [result.attempt.started_at for result in results],
        "outcomes": [result.attempt.outcome.value for result in results],
        "failures": [failure_json(result.attempt.failure) for result in results],
        "ended_ats": [result.attempt.ended_at for result in results],
        "costs": [result.attempt.cost for result in results],
        "message_ids": [result.event.id for result in results],
    }


def _asset_parameters(results: Sequence[Result]) -> dict[str, Any]:
    rows: list[tuple[UUID, int, int, Any]] = [
        (result.job.id, result.job.fence, position, asset)
        for result in results
        for position, asset in enumerate(result.assets)
    ]
    assets = [asset for *_, asset in rows]
    return {
        "asset_job_ids": [job_id for job_id, *_ in rows],
        "asset_fences": [fence for _, fence, *_ in rows],
        "asset_positions": [position for *_, position, _ in rows],
        "asset_sha256s": [asset.sha256 for asset in assets],
        "asset_media_types": [asset.media_type for asset in assets],
        "asset_sizes": [asset.size for asset in assets],
        "asset_roles": [asset.role for asset in assets],
        "asset_filenames": [asset.filename for asset in assets],
        "asset_widths": [asset.width for asset in assets],
        "asset_heights": [asset.height for asset in assets],
        "asset_durations": [asset.duration for asset in assets],
        "asset_provenances": [to_jsonb(asset.provenance) for asset in assets],
    }
