"""Between rows and values. The engine decodes jsonb; as a parameter it is text that is cast."""

from collections.abc import Mapping
from typing import Any

from services.generator.models import Brief, Cause, StoppedJob
from shared.database.jsonb import to_jsonb
from shared.events import Attempt, Failure

LAST_ATTEMPT = """
a.number, a.worker, a.backend, a.started_at, a.ended_at, a.outcome, a.failure, a.cost
"""
WHY_STOPPED = """
CASE WHEN job.cancel_requested_at IS NOT NULL THEN coalesce(job.stop_cause, 'canceled') END
"""
"""The `Cause` of the first wish to stop a job."""
TIMES_LOST = "coalesce(CAST(job.setbacks ->> 'lost' AS int), 0)"
"""How many workers a job has lost before."""
MAY_BE_TAKEN_OVER = f"job.attempt < job.max_attempts AND {TIMES_LOST} + 1 < CAST(:most_lost AS int)"
"""Whether another attempt may follow the one whose worker is lost now; else the job fails."""


WHERE_LOST = """
coalesce((SELECT provider FROM provider_job WHERE provider_job.job_id = job.id), 'local')
"""
"""Where an attempt ran whose worker cannot say it any more: with whom it had an order, if any."""


def failure_json(failure: Failure | None) -> str | None:
    """A failure as a parameter; SQL's NULL when there is none."""
    return None if failure is None else to_jsonb(failure.model_dump(mode="json"))


def attempt_from(row: Mapping[str, Any]) -> Attempt | None:
    """The attempt of a row with the columns of `attempt` beside those of the job; None: none."""
    if row["number"] is None:
        return None
    failure = row["failure"]
    return Attempt(
        number=row["number"],
        worker=row["worker"],
        backend=row["backend"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        outcome=row["outcome"],
        failure=None if failure is None else Failure.model_validate(failure),
        cost=row["cost"],
    )


def stopped_from(row: Mapping[Any, Any]) -> StoppedJob:
    """A job that ended without an attempt that ended it: with `cause` and `LAST_ATTEMPT`."""
    return StoppedJob(
        id=row["id"],
        generator=row["generator"],
        brief=Brief.from_dict(row["request"]),
        attempt=attempt_from({str(name): value for name, value in row.items()}),
        cause=None if row["cause"] is None else Cause(row["cause"]),
    )
