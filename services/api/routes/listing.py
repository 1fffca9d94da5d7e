"""GET /v1/media: requests, newest first, or oldest."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import JobFilter, Scope, Status
from services.api.routes.answers import answer
from services.api.routes.authenticating import needs
from services.api.routes.cursors import cursor_of_id, id_of_cursor
from services.api.routes.documented import problems
from services.api.routes.headers import tenant_of
from services.api.routes.presenters import job_json
from services.api.routes.schemas import JobList
from services.api.service import ApiServices
from services.api.service.specification import invalid
from shared.errors import FieldError
from shared.events.parts import WITHOUT_NUL

METADATA = "metadata."
MOST_PAIRS = 10
_NAME = Annotated[str, Field(max_length=63, pattern=WITHOUT_NUL)]
_PAIRS = {
    "name": "metadata",
    "in": "query",
    "required": False,
    "style": "form",
    "explode": True,
    "description": "`metadata.<key>=<value>`: only those whose metadata say exactly that (numbers "
    f"and others as their JSON); all of several, {MOST_PAIRS} at most. Each request in the range "
    "is looked at: name a time as well where there are many.",
    "schema": {
        "type": "object",
        "maxProperties": MOST_PAIRS,
        "patternProperties": {r"^metadata\..+$": {"type": "string"}},
        "additionalProperties": False,
        "example": {"metadata.order": "1001"},
    },
}


class ListQuery(BaseModel):
    """Which jobs to list; `metadata.…` are what is left over."""

    model_config = ConfigDict(extra="allow")

    status: list[Status] = Field([], max_length=9, description="Any of these.")
    generator: list[_NAME] = Field([], max_length=50, description="Any of these.")
    created_after: AwareDatetime | None = Field(None, description="RFC 3339.")
    created_before: AwareDatetime | None = Field(None, description="RFC 3339.")
    retried_from: UUID | None = Field(None, description="Only those that repeat this one.")
    order: Literal["newest", "oldest"] = Field("newest", description="Which come first.")
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def listing_routes(services: ApiServices) -> APIRouter:
    """The route that looks at many."""
    router = APIRouter(prefix="/v1/media", tags=["media"], dependencies=[needs(Scope.MEDIA_READ)])

    @router.get(
        "",
        summary="Requests, newest first",
        responses={200: {"model": JobList}, **problems(422)},
        openapi_extra={"parameters": [_PAIRS]},
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
    behind, oldest = id_of_cursor(query.cursor), query.order == "oldest"
    return JobFilter(
        tenant=tenant,
        limit=query.limit + 1,
        before=None if oldest else behind,
        after=behind if oldest else None,
        oldest_first=oldest,
        status=tuple(query.status) or None,
        generator=tuple(query.generator) or None,
        created_after=query.created_after,
        created_before=query.created_before,
        retried_from=query.retried_from,
        metadata=_metadata(query) or None,
    )


def _metadata(query: ListQuery) -> dict[str, str]:
    """What is left over, by key. Raises `InvalidInputError` for what nobody knows."""
    extra = query.model_extra or {}
    if any("\0" in text for pair in extra.items() for text in map(str, pair)):
        raise invalid([FieldError("/query/metadata", "U+0000 is in no metadata")])
    unknown = [name for name in extra if not name.startswith(METADATA) or name == METADATA]
    if unknown:
        raise invalid([FieldError(f"/query/{name}", "unknown field") for name in unknown])
    if len(extra) > MOST_PAIRS:
        raise invalid([FieldError("/query/metadata", f"more than {MOST_PAIRS} pairs")])
    return {name.removeprefix(METADATA): str(value) for name, value in extra.items()}
