"""How attempts ended: recorded where the fence still matches, with what is said about it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import text

from services.generator.models import JobKey, Result, Status
from shared.clock import id_text
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb
from shared.events import CloudEvent
from shared.messaging.outbox import OUTBOX_COLUMNS, OUTBOX_ROWS, OUTBOX_VALUES, Bundle

# Rows are found by their ids, one by one and in order: joined freely, a plan that was made while
# the table was small would compare all with all. The event is joined by its own id, not the job's:
# a late result of an older attempt in the same batch must not get its word in beside the one that
# counts. History is no reason to refuse a result: what stands there of the attempt stays.
# What the job's row says of the attempt is not told again; of one that succeeded it says all.
# What is told comes as one text (with the columns of `OUTBOX_ROWS`): less work than an array for
# each column, most of which have nothing to say of a result that is as it should be.
_RECORD = text(f"""
WITH result AS (
  SELECT * FROM ROWS FROM (
    json_to_recordset(CAST(:results AS json)) AS (id uuid, fence bigint, status text, outcome text,
      failure jsonb, ended_at timestamptz, delay float8, uncounted int, setback text,
      backend text, cost float8,
      message_id text, exchange text, routing_key text, type text, correlation_id text,
      mandatory boolean),
    unnest(CAST(:bodies AS bytea[]))
  ) AS r(id, fence, status, outcome, failure, ended_at, delay, uncounted, setback, backend, cost,
    message_id, exchange, routing_key, type, correlation_id, mandatory, body)
), held AS MATERIALIZED (
  SELECT mine.id, mine.fence FROM (SELECT id, fence FROM result ORDER BY id) AS r,
  LATERAL (
    SELECT job.id, job.fence FROM job
    WHERE job.id = r.id AND job.fence = r.fence AND job.status = 'running' FOR UPDATE
  ) AS mine
), done AS (
  UPDATE job SET status = result.status, lease_until = NULL,
    available_at = coalesce(now() + make_interval(secs => result.delay), job.available_at),
    max_attempts = job.max_attempts + coalesce(result.uncounted, 0),
    setbacks = CASE WHEN result.setback IS NULL THEN job.setbacks ELSE job.setbacks
      || jsonb_build_object(result.setback,
        coalesce(CAST(job.setbacks ->> result.setback AS int), 0) + 1) END,
    backend = result.backend, cost = result.cost,
    finished_at = CASE WHEN result.status NOT IN ('retrying', 'needs_reconciliation') THEN now() END
  FROM result JOIN held USING (id, fence)
  WHERE job.id = held.id AND job.fence = held.fence AND job.status = 'running'
  RETURNING job.id, job.fence, job.attempt, job.worker, job.started_at, result.ended_at,
    result.outcome, result.failure, result.message_id, result.backend, result.cost
), closed AS (
  INSERT INTO ended_attempt (job_id, number, fence, worker, backend, started_at, ended_at, outcome,
    failure, cost)
  SELECT id, attempt, fence, worker, coalesce(backend, 'local'), started_at, ended_at, outcome,
    failure, cost
  FROM done
  WHERE outcome <> 'succeeded'
  ON CONFLICT DO NOTHING
), stored AS (
  INSERT INTO asset (job_id, position, sha256, media_type, size, role, filename, width, height,
    duration, placeholder, provenance)
  SELECT job_id, position, sha256, media_type, size, role, filename, width, height, duration,
    placeholder, provenance
  FROM json_to_recordset(CAST(:assets AS json)) AS a(job_id uuid, fence bigint, position int,
    sha256 text, media_type text, size bigint, role text, filename text, width int, height int,
    duration float8, placeholder text, provenance jsonb)
  JOIN done ON done.id = a.job_id AND done.fence = a.fence
), said AS (
  INSERT INTO outbox_bundle ({OUTBOX_COLUMNS})
  SELECT {OUTBOX_VALUES} FROM result AS o JOIN done ON done.message_id = o.message_id
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
        bundle = Bundle([result.message for result in results])
        rows = await self._connection.execute(
            _RECORD,
            {
                "results": to_jsonb([_result_row(result) for result in results]),
                "assets": to_jsonb([row for result in results for row in _asset_rows(result)]),
                "bodies": [message.body for message in bundle.messages],
                **_heading(bundle, self._connection),
            },
        )
        ours = {(row.id, row.fence) for row in rows}
        said = {result.message.message_id for result in results if result.job.key in ours}
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


def _heading(bundle: Bundle, connection: Connection) -> dict[str, Any]:
    """The parameters of `OUTBOX_VALUES`: the messages are told with the results."""
    return Bundle((), id=bundle.id).parameters(connection)


def _result_row(result: Result) -> dict[str, Any]:
    """How it ended, and what is said of it; what is not there is null."""
    message = result.message
    row: dict[str, Any] = {
        "id": id_text(result.job.id),
        "fence": result.job.fence,
        "status": result.status,
        "outcome": result.outcome,
        "ended_at": result.ended_at,
        "message_id": message.message_id,
        "exchange": message.exchange,
        "routing_key": message.routing_key,
        "type": message.type,
        "correlation_id": message.correlation_id,
        "mandatory": message.mandatory,
    }
    if (backend := result.job.backend) != "local":
        row["backend"] = backend
    if (cost := result.job.bill.cost) is not None:
        row["cost"] = cost
    if result.status is not Status.GENERATED:
        row["failure"] = result.failure and result.failure.model_dump(mode="json")
        row["delay"] = None if result.delay is None else result.delay.total_seconds()
        row["uncounted"] = int(result.uncounted)
        row["setback"] = result.setback
    return row


def _asset_rows(result: Result) -> Iterator[dict[str, Any]]:
    job_id, fence = id_text(result.job.id), result.job.fence
    for position, asset in enumerate(result.assets):
        yield {"job_id": job_id, "fence": fence, "position": position, **asset.__dict__}
