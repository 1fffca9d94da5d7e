"""Between rows and values. The engine decodes jsonb; as a parameter it is text that is cast."""

from collections.abc import Mapping
from typing import Any

from shared.database.jsonb import to_jsonb
from shared.events import Attempt, Failure


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
