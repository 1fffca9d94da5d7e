"""POST /v1/media/batch: up to 1,000 requests at once, each answered in its place."""

import asyncio
from typing import Any

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from services.api.routes.answers import answer
from services.api.routes.documented import CORRELATION, KEY, json_body, problems
from services.api.routes.headers import idempotency_key, origin_of, require_json
from services.api.routes.presenters import job_json
from services.api.routes.schemas import BatchOut
from services.api.service import ApiServices
from services.api.service.queries import JobView
from services.api.service.specification import invalid, parse_json, read_model
from services.api.service.submission import Submission
from shared.errors import FieldError, PermanentError
from shared.events import Origin, RequestSpec
from shared.problem import problem_of

MOST_REQUESTS = 1000


def batch_routes(services: ApiServices) -> APIRouter:
    """The route that takes many."""
    router = APIRouter(prefix="/v1/media", tags=["media"])

    @router.post(
        "/batch",
        summary="Ask for up to 1,000 at once",
        responses={
            200: {"model": BatchOut, "description": "One answer for each, in their order."},
            **problems(400, 413, 415, 422),
        },
        openapi_extra={**json_body("BatchIn"), "parameters": [KEY, CORRELATION]},
    )
    async def request_many(request: Request) -> Response:
        require_json(request)
        key = idempotency_key(request)
        wanted = _requests_of(parse_json(await request.body()))
        origin = origin_of(request)
        keys = [None if key is None else f"batch:{key}:{index}" for index in range(len(wanted))]
        answers = await asyncio.gather(
            *(_answer_one(services, one, origin, k) for one, k in zip(wanted, keys, strict=True))
        )
        return answer({"answers": answers})

    return router


async def _answer_one(
    services: ApiServices, raw: Any, origin: Origin, key: str | None
) -> dict[str, Any]:
    try:
        spec: RequestSpec = read_model(RequestSpec, to_json(raw))
        accepted = await services.requests.submit_exclusively(Submission(spec, origin, key))
    except PermanentError as error:
        return {"status": error.status, "problem": problem_of(error)}
    return {"status": 202, "job": job_json(JobView(accepted.job))}


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
