"""Errors as problem details (RFC 9457): what a client gets instead of a stack trace.

`code` is the stable, machine-readable name; `type` is the same as an URI; `errors` names each bad
field by JSON Pointer (RFC 6901).
"""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.errors import DarkroomError

CONTENT_TYPE = "application/problem+json"
PROBLEMS = "https://darkroom.dev/problems/"
"""Prefix of every problem's `type`; the rest is its code."""


class ProblemField(BaseModel):
    """One bad field of a request."""

    pointer: str = Field(
        description="JSON Pointer (RFC 6901) into the request body; `/query/…`, `/header/…` and "
        "`/path/…` for what is not in the body.",
        examples=["/input/width"],
    )
    message: str = Field(examples=["99999 is greater than the maximum of 4096"])


class Problem(BaseModel):
    """Problem details (RFC 9457), as documented in OpenAPI."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="URI of the kind of problem.", examples=[PROBLEMS + "not_found"])
    title: str = Field(description="The kind of problem, for people.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What went wrong this time, and what to do.")
    code: str = Field(description="The kind of problem, for programs; stable.")
    instance: str | None = Field(default=None, description="The path that was asked for.")
    errors: list[ProblemField] | None = Field(default=None, description="Each bad field.")


def problem_of(error: DarkroomError, instance: str | None = None) -> dict[str, Any]:
    """The problem details of an error, ready for JSON."""
    problem: dict[str, Any] = {
        "type": PROBLEMS + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    if instance is not None:
        problem["instance"] = instance
    if error.errors:
        problem["errors"] = [field.as_dict() for field in error.errors]
    return {**error.extra, **problem}


def problem_of_status(status: int, detail: str, instance: str | None = None) -> dict[str, Any]:
    """The problem details of a status that the framework itself answered (404 of a path, 405)."""
    known = HTTPStatus(status)
    phrase, code = known.phrase, known.name.lower()
    problem = {
        "type": PROBLEMS + code,
        "title": phrase,
        "status": status,
        "detail": detail or phrase,
        "code": code,
    }
    return problem if instance is None else {**problem, "instance": instance}
