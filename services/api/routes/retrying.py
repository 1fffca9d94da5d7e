"""POST /v1/media/{id}/retry: once more, as a new request."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Scope
from services.api.routes.answers import JobId
from services.api.routes.authenticating import needs
from services.api.routes.documented import CORRELATION, KEY, PREFER, problems
from services.api.routes.headers import idempotency_key, origin_of
from services.api.routes.requesting import answer_accepted
from services.api.routes.schemas import JobOut
from services.api.service import ApiServices


def retrying_routes(services: ApiServices) -> APIRouter:
    """The route that asks again."""
    router = APIRouter(prefix="/v1/media", tags=["media"], dependencies=[needs(Scope.MEDIA_WRITE)])

    @router.post(
        "/{job_id}/retry",
        status_code=202,
        summary="Ask once more for what did not become ready",
        description="A new job with the same input, metadata, webhook, priority and limits; its "
        "`retried_from` is the old one. The input is checked again. "
        "409: `not_final`, `already_ready`.",
        responses={
            200: {"model": JobOut, "description": "It came to its end while you waited."},
            202: {"model": JobOut, "description": "The new job, accepted."},
            **problems(402, 404, 409, 422, 429),
        },
        openapi_extra={"parameters": [KEY, PREFER, CORRELATION]},
    )
    async def retry(request: Request, job_id: JobId) -> Response:
        key = idempotency_key(request)
        origin = origin_of(request)
        named = None if key is None else f"retry:{key}"
        accepted = await services.retrying.retry(job_id, origin, named)
        return await answer_accepted(services, request, accepted)

    return router
