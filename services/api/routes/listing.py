"""GET /v1/media: requests, newest first."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import JobFilter, Status
from services.api.routes.answers import answer
from services.api.routes.cursors import cursor_of_id, id_of_cursor
from services.api.routes.documented import problems
from services.api.routes.headers import tenant_of
from services.api.routes.presenters import job_json
from services.api.routes.schemas import JobList
from services.api.service import ApiServices


class ListQuery(BaseModel):
    """Which jobs to list."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    generator: str | None = Field(None, max_length=63)
    created_after: AwareDatetime | None = Field(None, description="RFC 3339.")
    created_before: AwareDatetime | None = Field(None, description="RFC 3339.")
    retried_from: UUID | None = Field(None, description="Only those that repeat this one.")
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def listing_routes(services: ApiServices) -> APIRouter:
    """The route that looks at many."""
    router = APIRouter(prefix="/v1/media", tags=["media"])

    @router.get(
        "",
        summary="Requests, newest first",
        responses={200: {"model": JobList}, **problems(422)},
    )
    async def list_jobs(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
        wanted = _filter(tenant_of(request), query)
        views = await services.queries.list_by_tenant(wanted)
        more = len(views) > query.limit
        return answer(
            {
                "items": [job_json(view) for view in views[: query.limit]],
                "next_cursor": cursor_of_id(views[query.limit - 1].job.id) if more else None,
            }
        )

    return router


def _filter(tenant: str, query: ListQuery) -> JobFilter:
    """One more than is shown is read, to know whether there is a next page."""
    return JobFilter(
        tenant=tenant,
        limit=query.limit + 1,
        before=id_of_cursor(query.cursor),
        status=query.status,
        generator=query.generator,
        created_after=query.created_after,
        created_before=query.created_before,
        retried_from=query.retried_from,
    )
