"""POST /v1/media, POST /v1/media/batch, POST …/cancel: asking for media, and no longer."""

import asyncio
from typing import Any

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Status
from services.api.routes.answers import JobId, answer
from services.api.routes.documented import header, json_body, problems
from services.api.routes.headers import (
    LONGEST_WAIT,
    idempotency_key,
    origin_of,
    require_json,
    seconds_to_wait,
    tenant_of,
)
from services.api.routes.presenters import job_json, job_path
from services.api.routes.schemas import BatchOut, JobOut
from services.api.service import ApiServices
from services.api.service.queries import JobView
from services.api.service.specification import invalid, parse_json, read_model
from services.api.service.submission import Accepted, Submission
from shared.errors import FieldError, PermanentError
from shared.events import Origin, RequestSpec
from shared.problem import problem_of

MOST_REQUESTS = 1000

_KEY = header(
    "Idempotency-Key",
    "Makes it safe to send again, for 24 hours: the same request gets the same answer.",
    {"type": "string", "minLength": 1, "maxLength": 255},
)
_PREFER = header(
    "Prefer",
    f"`wait=N`: answer when it has come to its end, after at most N seconds (to {LONGEST_WAIT}).",
    {"type": "string", "example": "wait=10"},
)
_CORRELATION = header(
    "X-Correlation-ID", "Given back with every event.", {"type": "string", "maxLength": 255}
)


def requesting_routes(services: ApiServices) -> APIRouter:
    """The routes that change something."""
    router = APIRouter(prefix="/v1/media", tags=["media"])

    @router.post(
        "",
        status_code=202,
        summary="Ask for media",
        responses={
            200: {"model": JobOut, "description": "It came to its end while you waited."},
            202: {"model": JobOut, "description": "Accepted: it will come to an end."},
            **problems(400, 409, 413, 415, 422),
        },
        openapi_extra={**json_body("RequestSpec"), "parameters": [_KEY, _PREFER, _CORRELATION]},
    )
    async def request_media(request: Request) -> Response:
        require_json(request)
        key = idempotency_key(request)
        spec: RequestSpec = read_model(RequestSpec, await request.body())
        origin = origin_of(request)
        submission = Submission(spec, origin, None if key is None else f"http:{key}")
        accepted = await services.requests.submit_exclusively(submission)
        return await _answer_accepted(services, request, accepted)

    @router.post(
        "/batch",
        summary="Ask for up to 1,000 at once",
        responses={
            200: {"model": BatchOut, "description": "One answer for each, in their order."},
            **problems(400, 413, 415, 422),
        },
        openapi_extra={**json_body("BatchIn"), "parameters": [_KEY, _CORRELATION]},
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

    @router.post(
        "/{job_id}/cancel",
        status_code=202,
        summary="Stop it, or never start it",
        responses={
            200: {"model": JobOut, "description": "It is canceled."},
            202: {"model": JobOut, "description": "It will be canceled."},
            **problems(404, 409),
        },
    )
    async def cancel(request: Request, job_id: JobId) -> Response:
        job = await services.cancellation.cancel(tenant_of(request), job_id)
        status = 200 if job.status is Status.CANCELED else 202
        return answer(job_json(services.queries.view(job)), status)

    return router


async def _answer_accepted(services: ApiServices, request: Request, accepted: Accepted) -> Response:
    job = accepted.job
    headers = {"location": job_path(job.id)}
    if accepted.replayed:
        headers["idempotency-replayed"] = "true"
    if seconds := seconds_to_wait(request):
        headers["preference-applied"] = f"wait={seconds}"
        job = await services.waiting.wait(job.tenant, job.id, seconds)
    status = 200 if job.status.final else 202
    return answer(job_json(services.queries.view(job)), status, headers)


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
