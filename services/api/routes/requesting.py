"""POST /v1/media: asking for media."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Scope
from services.api.routes.answers import answer
from services.api.routes.authenticating import needs
from services.api.routes.documented import CORRELATION, KEY, PREFER, json_body, problems
from services.api.routes.headers import (
    Asked,
    idempotency_key,
    origin_of,
    require_json,
    seconds_to_wait,
)
from services.api.routes.presenters import job_json
from services.api.routes.schemas import JobOut
from services.api.service import ApiServices
from services.api.service.specification import read_model
from services.api.service.submission import Accepted, Submission
from shared.events import RequestSpec
from shared.http import DirectRequest

EXAMPLE = {
    "generator": "card",
    "input": {"title": "Pictures that arrive"},
    "metadata": {"order": 7},
    "priority": "interactive",
    "attempt_timeout_seconds": 60,
    "total_timeout_seconds": 600,
    "max_attempts": 3,
}


def requesting_routes(services: ApiServices) -> APIRouter:
    """The route that takes one."""
    router = APIRouter(prefix="/v1/media", tags=["media"], dependencies=[needs(Scope.MEDIA_WRITE)])

    @router.post(
        "",
        status_code=202,
        summary="Ask for media",
        description="202 is a promise: it is stored, and it comes to one end. 429 (`queue_full`): "
        "too many requests wait. 503: nothing is promised; where the outcome of a commit is not "
        "known, the same Idempotency-Key later answers the job if there is one.",
        responses={
            200: {"model": JobOut, "description": "It came to its end while you waited."},
            202: {"model": JobOut, "description": "Accepted: it will come to an end."},
            **problems(400, 402, 409, 413, 415, 422, 429),
        },
        openapi_extra={
            **json_body("RequestSpec", EXAMPLE),
            "parameters": [KEY, PREFER, CORRELATION],
        },
    )
    async def request_media(request: Request) -> Response:
        return await take(services, request)

    return router


async def take(services: ApiServices, request: Request | DirectRequest) -> Response:
    """Accept one request."""
    require_json(request)
    key = idempotency_key(request)
    spec: RequestSpec = read_model(RequestSpec, await request.body())
    origin = origin_of(request)
    submission = Submission(spec, origin, None if key is None else f"http:{key}")
    accepted = await services.requests.submit_exclusively(submission)
    return await answer_accepted(services, request, accepted)


async def answer_accepted(services: ApiServices, request: Asked, accepted: Accepted) -> Response:
    """202 with the new job, or 200 when its end came while the client waited."""
    job = accepted.job
    headers = {}
    if accepted.replayed:
        headers["idempotency-replayed"] = "true"
    if seconds := seconds_to_wait(request):
        headers["preference-applied"] = f"wait={seconds}"
        job = await services.waiting.wait_from(job, seconds, new=not accepted.replayed)
    status = 200 if job.status.final else 202
    shown = job_json(services.queries.view(job))
    return answer(shown, status, {"location": shown["urls"]["self"], **headers})
