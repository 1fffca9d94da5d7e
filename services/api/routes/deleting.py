"""DELETE /v1/media/{id}, what is left of those that were deleted, and the store's garbage."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Scope
from services.api.routes.answers import JobId, answer
from services.api.routes.authenticating import needs
from services.api.routes.cursors import cursor_of_id, id_of_cursor
from services.api.routes.documented import problems
from services.api.routes.headers import caller_of, tenant_of
from services.api.routes.presenters import tombstone_json
from services.api.routes.schemas import CollectedOut, TombstoneList
from services.api.service import ApiServices
from shared.events.parts import rfc3339


class TombstoneQuery(BaseModel):
    """Which of them to list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class CollectionQuery(BaseModel):
    """How to go about it."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(False, description="Only count what would go.")


def deleting_routes(services: ApiServices) -> APIRouter:
    """The route that deletes one."""
    router = APIRouter(prefix="/v1/media", tags=["media"], dependencies=[needs(Scope.MEDIA_WRITE)])

    @router.delete(
        "/{job_id}",
        status_code=204,
        summary="Delete it, with its input and its files",
        description="Once it has ended; 409 (`still_running`) before. That there was one stays "
        "known for a while: GET answers 410 (`gone`). Deleting again changes nothing. Files that "
        "others have too stay theirs.",
        responses=problems(404, 409),
    )
    async def delete(request: Request, job_id: JobId) -> Response:
        caller = caller_of(request)
        await services.deletion.delete(caller.tenant, job_id, caller.signature)
        return Response(status_code=204)

    return router


def tombstone_routes(services: ApiServices) -> APIRouter:
    """The route that looks at what was deleted."""
    router = APIRouter(prefix="/v1/media", tags=["media"], dependencies=[needs(Scope.MEDIA_READ)])

    @router.get(
        "/deleted",
        summary="What was deleted, newest requests first",
        responses={200: {"model": TombstoneList}, **problems(422)},
    )
    async def list_deleted(request: Request, query: Annotated[TombstoneQuery, Query()]) -> Response:
        before = id_of_cursor(query.cursor)
        found = await services.deletion.list_by_tenant(tenant_of(request), query.limit + 1, before)
        shown = found[: query.limit]
        more = cursor_of_id(shown[-1].id) if len(found) > query.limit else None
        return answer({"items": [tombstone_json(one) for one in shown], "next_cursor": more})

    return router


def collection_routes(services: ApiServices) -> APIRouter:
    """The route that clears the store."""
    router = APIRouter(prefix="/v1/store", tags=["operating"], dependencies=[needs(Scope.OPERATE)])

    @router.post(
        "/collect",
        summary="Remove stored files that nobody refers to any more",
        description="It is done by itself from time to time. It answers when it is done, which "
        "takes as long as looking through the store does.",
        responses={200: {"model": CollectedOut}, **problems(409, 422)},
    )
    async def collect(query: Annotated[CollectionQuery, Query()]) -> Response:
        found = await services.collection.collect(dry_run=query.dry_run)
        return answer(asdict(found) | {"before": rfc3339(found.before)})

    return router
