"""POST /v1/media/batch: up to 1,000 requests at once, each answered in its place."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Scope
from services.api.routes.answers import answer
from services.api.routes.authenticating import needs
from services.api.routes.documented import CORRELATION, KEY, json_body, problems
from services.api.routes.headers import idempotency_key, origin_of, require_json
from services.api.routes.presenters import job_json
from services.api.routes.requesting import EXAMPLE
from services.api.routes.schemas import BatchOut
from services.api.service import ApiServices
from services.api.service.queries import JobView
from services.api.service.specification import invalid, parse_json, read_model
from services.api.service.submission import Accepted, Submission
from shared.errors import DarkroomError, FieldError, PermanentError, RetryableError
from shared.events import Origin, RequestSpec
from shared.problem import problem_of

MOST_REQUESTS = 1000


def batch_routes(services: ApiServices) -> APIRouter:
    """The route that takes many."""
    router = APIRouter(prefix="/v1/media", tags=["media"], dependencies=[needs(Scope.MEDIA_WRITE)])

    @router.post(
        "/batch",
        summary="Ask for up to 1,000 at once",
        responses={
            200: {"model": BatchOut, "description": "One answer for each, in their order."},
            **problems(400, 413, 415, 422),
        },
        description="Each is accepted (202) or answered by its own problem: 402, 422, 429 when its "
        "queue is full, 503 when the database was away for it; 503 for all when it was for all.",
        openapi_extra={
            **json_body("BatchIn", {"requests": [EXAMPLE]}),
            "parameters": [KEY, CORRELATION],
        },
    )
    async def request_many(request: Request) -> Response:
        require_json(request)
        key = idempotency_key(request)
        wanted = _requests_of(parse_json(await request.body()))
        origin = origin_of(request)
        keys = [None if key is None else f"batch:{key}:{index}" for index in range(len(wanted))]
        answers = await asyncio.gather(
            *(_outcome(services, one, origin, k) for one, k in zip(wanted, keys, strict=True))
        )
        if unavailable := _unavailable(answers):
            raise unavailable
        return answer({"answers": [_answer_json(one) for one in answers]})

    return router


async def _outcome(
    services: ApiServices, raw: Any, origin: Origin, key: str | None
) -> Accepted | DarkroomError:
    try:
        spec: RequestSpec = read_model(RequestSpec, to_json(raw))
        return await services.requests.submit_exclusively(Submission(spec, origin, key))
    except (PermanentError, RetryableError) as error:
        return error


def _unavailable(outcomes: Sequence[Accepted | DarkroomError]) -> DarkroomError | None:
    """Why nothing could be done for any of them, where that is so."""
    failures = [
        outcome
        for outcome in outcomes
        if isinstance(outcome, DarkroomError) and outcome.status == RetryableError.status
    ]
    return failures[0] if len(failures) == len(outcomes) else None


def _answer_json(outcome: Accepted | DarkroomError) -> dict[str, Any]:
    if isinstance(outcome, Accepted):
        return {"status": 202, "job": job_json(JobView(outcome.job))}
    return {"status": outcome.status, "problem": problem_of(outcome)}


def _requests_of(body: Any) -> list[Any]:
    """The requests of a batch. Raises `InvalidInputError`."""
    if not isinstance(body, dict):
        raise invalid([FieldError("", "has to be a JSON object with `requests`")])
    if unknown := sorted(set(body) - {"requests"}):
        raise invalid(FieldError(f"/{name}", "unknown field") for name in unknown)
    requests = body.get("requests")
    if not isinstance(requests, list) or not 1 <= len(requests) <= MOST_REQUESTS:
        message = f"has to be a list of 1 to {MOST_REQUESTS} requests"
        raise invalid([FieldError("/requests", message)])
    return requests
