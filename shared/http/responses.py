"""Problem details as HTTP responses."""

from collections.abc import Mapping
from math import ceil
from typing import Any

import orjson
from starlette.responses import Response

from shared.errors import DarkroomError
from shared.problem import CONTENT_TYPE, problem_of


def problem_response(error: DarkroomError, instance: str | None = None) -> Response:
    """The answer to a request that ended in `error`; `Retry-After` where waiting may help.

    401 has to say how to authenticate (RFC 9110, 15.5.2).
    """
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else {}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, ceil(error.retry_after.total_seconds())))
    return respond(problem_of(error, instance), headers)


def respond(problem: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP response that carries these problem details."""
    return Response(
        orjson.dumps(problem),
        status_code=problem["status"],
        media_type=CONTENT_TYPE,
        headers=dict(headers or {}),
    )
