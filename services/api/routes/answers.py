"""JSON answers, and ids out of paths."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Path
from starlette.responses import Response

from services.api.errors import DeadLetterNotFoundError, MediaRequestNotFoundError


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`content` as JSON."""
    return Response(
        orjson.dumps(content), status_code=status, media_type="application/json", headers=headers
    )


_ID = {"format": "uuid"}


def _job_id(job_id: Annotated[str, Path(json_schema_extra=_ID)]) -> UUID:
    try:
        return UUID(job_id)
    except ValueError as error:
        raise MediaRequestNotFoundError(f"There is no media request {job_id[:100]!r}.") from error


def _letter_id(letter_id: Annotated[str, Path(json_schema_extra=_ID)]) -> UUID:
    try:
        return UUID(letter_id)
    except ValueError as error:
        raise DeadLetterNotFoundError(f"There is no dead letter {letter_id[:100]!r}.") from error


JobId = Annotated[UUID, Depends(_job_id)]
LetterId = Annotated[UUID, Depends(_letter_id)]
