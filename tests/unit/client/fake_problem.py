"""Refusals as the API words them."""

from typing import Any

from starlette.responses import JSONResponse


def problem(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """A refusal as the API words it."""
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail}
    return JSONResponse(body | more, status, media_type="application/problem+json")
