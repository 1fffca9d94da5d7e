"""Every error becomes problem details, with nothing that was not meant for the client."""

from datetime import timedelta

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.database.away import DatabaseUnavailableError
from shared.errors import (
    DarkroomError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    RetryableError,
)
from shared.http import exception_handlers
from shared.problem import Problem, problem_of


async def answered(error: Exception) -> httpx.Response:
    async def fail(_: Request) -> Response:
        raise error

    app = Starlette(routes=[Route("/a", fail)], exception_handlers=exception_handlers())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/a")


def test_a_problem_names_the_fields_and_keeps_what_is_extra() -> None:
    error = InvalidInputError("bad", errors=[FieldError("/a", "no")], extra={"limit": 5, "code": 1})

    problem = problem_of(error, "/v1/media")

    assert problem["errors"] == [{"pointer": "/a", "message": "no"}]
    assert problem["limit"] == 5
    assert problem["code"] == "invalid_input"
    assert Problem.model_validate(problem).instance == "/v1/media"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFoundError("gone"), 404, "not_found"),
        (DarkroomError(), 500, "internal_error"),
        (HTTPException(418), 418, "im_a_teapot"),
        (asyncpg.DeadlockDetectedError("secret"), 503, "unavailable"),
        (DatabaseUnavailableError("secret"), 503, "unavailable"),
        (ConnectionRefusedError("secret"), 500, "internal_error"),
        (TimeoutError(), 500, "internal_error"),
        (asyncpg.UniqueViolationError("secret"), 500, "internal_error"),
        (ZeroDivisionError("secret"), 500, "internal_error"),
    ],
)
async def test_errors_have_a_status_and_a_code(error: Exception, status: int, code: str) -> None:
    response = await answered(error)

    problem = Problem.model_validate_json(response.content)
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, problem.status, problem.code) == (status, status, code)
    assert problem.instance == "/a"
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (RetryableError("away", retry_after=timedelta(seconds=7.2)), "8"),
        (RetryableError("away"), "2"),
        (DatabaseUnavailableError(), "2"),
        (NotFoundError(), None),
    ],
)
async def test_what_may_pass_says_when_to_ask_again(error: Exception, seconds: str | None) -> None:
    assert (await answered(error)).headers.get("retry-after") == seconds
