"""GET /v1/media/{id}: how a request stands."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Scope
from services.api.routes.answers import JobId, answer
from services.api.routes.authenticating import needs
from services.api.routes.documented import PREFER, problems
from services.api.routes.headers import Asked, seconds_to_wait, tenant_of
from services.api.routes.presenters import job_json
from services.api.routes.schemas import JobOut
from services.api.service import ApiServices


def reading_routes(services: ApiServices) -> APIRouter:
    """The route that looks at one."""
    router = APIRouter(prefix="/v1/media", tags=["media"], dependencies=[needs(Scope.MEDIA_READ)])

    @router.get(
        "/{job_id}",
        summary="How it stands",
        responses={200: {"model": JobOut}, **problems(404, 410)},
        openapi_extra={"parameters": [PREFER]},
    )
    async def get(request: Request, job_id: JobId) -> Response:
        return await show(services, request, job_id)

    return router


async def show(services: ApiServices, request: Asked, job_id: UUID) -> Response:
    """How one stands, now or after the time that the client prefers to wait."""
    tenant, seconds = tenant_of(request), seconds_to_wait(request)
    if seconds:
        await services.waiting.wait(tenant, job_id, seconds)
    return answer(job_json(await services.queries.get(tenant, job_id)))
