"""The job that every peer does, and what its HTTP door takes and gives.

A request is validated, kept as a row, handed to a worker by the broker, generated, and kept as
`ready` with its result: two commits in the worker, one to say who works on it, one for the end.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

TABLE = """
CREATE TABLE job (
    id uuid PRIMARY KEY,
    generator text NOT NULL,
    input jsonb NOT NULL,
    priority text NOT NULL,
    status text NOT NULL,
    result jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
)
"""
"""One index, so that the updates of a job can stay on its page."""

Result = dict[str, Any]


class NoopInput(BaseModel):
    """What the generator is given."""

    model_config = ConfigDict(extra="forbid")
    payload: str = Field(default="ok", min_length=1, max_length=10_000)


class JobRequest(BaseModel):
    """The body of a POST."""

    model_config = ConfigDict(extra="forbid")
    generator: Literal["noop"]
    input: NoopInput = NoopInput()
    priority: Literal["interactive", "batch"] = "interactive"


class JobAccepted(BaseModel):
    """The answer to a POST."""

    id: UUID
    status: str


class JobView(BaseModel):
    """The answer to a GET."""

    id: UUID
    generator: str
    status: str
    result: Result | None
    created_at: datetime
    finished_at: datetime | None


def generate(given: dict[str, Any]) -> Result:
    """As much work as a benchmark of everything around it needs."""
    return {"media_type": "text/plain", "text": given["payload"]}
