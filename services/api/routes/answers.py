"""JSON answers, and ids out of paths."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Path
from starlette.responses import Response

from services.api.errors import DeadLetterNotFoundError, MediaRequestNotFoundError

_NONE: Mapping[str, str] = MappingProxyType({})


class JsonResponse(Response):
    """JSON that is written already. Its headers are put together here, for a third of the time."""

    media_type = "application/json"

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str]) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = [
            *((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()),
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
        ]


def answer(content: Any, status: int = 200, headers: Mapping[str, str] = _NONE) -> Response:
    """`content` as JSON; `headers` are in lower case."""
    return JsonResponse(orjson.dumps(content), status, headers)


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
