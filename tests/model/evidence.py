"""What stands in the tables: read after every step, by statements of the model's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.generator.models import Cause
from services.notifier.models import EndKind
from tests.model.stage import Stage

_GENERATOR = """
SELECT json_build_object(
  'jobs', (SELECT json_agg(j) FROM (SELECT id, status, attempt, max_attempts, fence, lease_until,
    available_at, cancel_requested_at, stop_cause, setbacks, finished_at FROM job) AS j),
  'attempts', (SELECT json_agg(a) FROM (SELECT job_id, number, fence, worker, outcome, ended_at
    FROM attempt ORDER BY job_id, number) AS a),
  'assets', (SELECT json_agg(job_id) FROM asset),
  'outbox', (SELECT json_agg(message_id) FROM outbox))
"""
_NOTIFIER = """
SELECT json_build_object(
  'verdicts', (SELECT json_agg(v) FROM (SELECT job_id, outcome, event_id, caused_by
    FROM verdict) AS v),
  'pending', (SELECT json_agg(p) FROM (SELECT job_id, kind, due_at
    FROM pending_end WHERE wish IS NOT NULL) AS p),
  'outbox', (SELECT json_agg(message_id) FROM outbox))
"""


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A row of `job`. `flagged`: somebody wants it stopped."""

    id: UUID
    status: str
    attempt: int
    max_attempts: int
    fence: int
    lease_until: datetime | None
    available_at: datetime
    flagged: bool
    cause: Cause | None
    setbacks: Mapping[str, int]
    finished: bool


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """A row of `attempt`."""

    number: int
    fence: int
    worker: str
    outcome: str
    ended: bool


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """A row of `verdict`."""

    outcome: str
    event_id: str
    caused_by: str


@dataclass(frozen=True, slots=True)
class GeneratorEvidence:
    """The generator's tables at one moment. `said`: ids in the outbox, in no order."""

    jobs: Mapping[UUID, JobFacts] = field(default_factory=dict)
    attempts: Mapping[UUID, tuple[AttemptFacts, ...]] = field(default_factory=dict)
    assets: tuple[UUID, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotifierEvidence:
    """The notifier's. `pending`: until when an answer to a wish is waited for."""

    verdicts: Mapping[UUID, VerdictFacts] = field(default_factory=dict)
    pending: Mapping[tuple[UUID, EndKind], datetime] = field(default_factory=dict)
    said: tuple[str, ...] = ()


async def of_generator(stage: Stage) -> GeneratorEvidence:
    """Read it all."""
    found = await stage.look("generator", _GENERATOR)
    attempts: dict[UUID, tuple[AttemptFacts, ...]] = {}
    for row in found["attempts"] or ():
        key = UUID(row["job_id"])
        attempts[key] = (*attempts.get(key, ()), _attempt(row))
    return GeneratorEvidence(
        jobs={UUID(row["id"]): _job(row) for row in found["jobs"] or ()},
        attempts=attempts,
        assets=tuple(UUID(job_id) for job_id in found["assets"] or ()),
        said=tuple(found["outbox"] or ()),
    )


async def of_notifier(stage: Stage) -> NotifierEvidence:
    """Read it all."""
    found = await stage.look("notifier", _NOTIFIER)
    return NotifierEvidence(
        verdicts={
            UUID(row["job_id"]): VerdictFacts(row["outcome"], row["event_id"], row["caused_by"])
            for row in found["verdicts"] or ()
        },
        pending={
            (UUID(row["job_id"]), EndKind(row["kind"])): datetime.fromisoformat(row["due_at"])
            for row in found["pending"] or ()
        },
        said=tuple(found["outbox"] or ()),
    )


def _job(row: Mapping[str, Any]) -> JobFacts:
    lease, cause = row["lease_until"], row["stop_cause"]
    return JobFacts(
        id=UUID(row["id"]),
        status=row["status"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        fence=row["fence"],
        lease_until=None if lease is None else datetime.fromisoformat(lease),
        available_at=datetime.fromisoformat(row["available_at"]),
        flagged=row["cancel_requested_at"] is not None,
        cause=None if cause is None else Cause(cause),
        setbacks=row["setbacks"],
        finished=row["finished_at"] is not None,
    )


def _attempt(row: Mapping[str, Any]) -> AttemptFacts:
    ended = row["ended_at"] is not None
    return AttemptFacts(row["number"], row["fence"], row["worker"], row["outcome"], ended)
