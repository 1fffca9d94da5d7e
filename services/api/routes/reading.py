"""GET /v1/media and GET /v1/media/{id}: how requests stand."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import JobFilter, Status
from services.api.routes.answers import JobId, answer
from services.api.routes.cursors import cursor_of_id, id_of_cursor
from services.api.routes.documented import header, problems
from services.api.routes.headers import LONGEST_WAIT, seconds_to_wait, tenant_of
from services.api.routes.presenters import job_json
from services.api.routes.schemas import JobList, JobOut
from services.api.service import ApiServices

_PREFER = header(
    "Prefer",
    f"`wait=N`: answer when it has come to its end, after at most N seconds (to {LONGEST_WAIT}).",
    {"type": "string", "example": "wait=10"},
)


class ListQuery(BaseModel):
    """Which jobs to list."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    generator: str | None = Field(None, max_length=63)
    created_after: AwareDatetime | None = Field(None, description="RFC 3339.")
    created_before: AwareDatetime | None = Field(None, description="RFC 3339.")
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def reading_routes(services: ApiServices) -> APIRouter:
    """The routes that look at jobs."""
    router = APIRouter(prefix="/v1/media", tags=["media"])

    @router.get(
        "/{job_id}",
        summary="How it stands",
        responses={200: {"model": JobOut}, **problems(404)},
        openapi_extra={"parameters": [_PREFER]},
    )
    async def get(request: Request, job_id: JobId) -> Response:
        tenant, seconds = tenant_of(request), seconds_to_wait(request)
        if seconds:
            await services.waiting.wait(tenant, job_id, seconds)
        return answer(job_json(await services.queries.get(tenant, job_id)))

    @router.get(
        "",
        summary="Requests, newest first",
        responses={200: {"model": JobList}, **problems(422)},
    )
    async def list_jobs(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
        wanted = JobFilter(
            tenant=tenant_of(request),
            limit=query.limit + 1,
            before=id_of_cursor(query.cursor),
            status=query.status,
            generator=query.generator,
            created_after=query.created_after,
            created_before=query.created_before,
        )
        views = await services.queries.list_by_tenant(wanted)
        more = len(views) > query.limit
        return answer(
            {
                "items": [job_json(view) for view in views[: query.limit]],
                "next_cursor": cursor_of_id(views[query.limit - 1].job.id) if more else None,
            }
        )

    return router
