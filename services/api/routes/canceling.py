"""POST /v1/media/{id}/cancel: it is no longer wanted."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Scope, Status
from services.api.routes.answers import JobId, answer
from services.api.routes.authenticating import needs
from services.api.routes.documented import problems
from services.api.routes.headers import tenant_of
from services.api.routes.presenters import job_json
from services.api.routes.schemas import JobOut
from services.api.service import ApiServices


def canceling_routes(services: ApiServices) -> APIRouter:
    """The route that stops one."""
    router = APIRouter(prefix="/v1/media", tags=["media"], dependencies=[needs(Scope.MEDIA_WRITE)])

    @router.post(
        "/{job_id}/cancel",
        status_code=202,
        summary="Stop it, or never start it",
        description="Asking again changes nothing. Whichever comes first decides: work that was "
        "done before the wish arrived stays `ready`. 409 (`already_final`): it has ended.",
        responses={
            200: {"model": JobOut, "description": "It is canceled."},
            202: {"model": JobOut, "description": "It will be canceled."},
            **problems(404, 409, 410),
        },
    )
    async def cancel(request: Request, job_id: JobId) -> Response:
        job = await services.cancellation.cancel(tenant_of(request), job_id)
        status = 200 if job.status is Status.CANCELED else 202
        return answer(job_json(services.queries.view(job)), status)

    return router
