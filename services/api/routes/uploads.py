"""/v1/uploads: files that inputs name by id."""

from email.message import Message
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.api.errors import UploadNotFoundError
from services.api.models import Scope, UploadClaim
from services.api.routes.answers import answer
from services.api.routes.authenticating import needs
from services.api.routes.content import DOCUMENTED, respond_with
from services.api.routes.cursors import cursor_of_id, id_of_cursor
from services.api.routes.documented import KEY, problems
from services.api.routes.headers import idempotency_key, tenant_of
from services.api.routes.presenters import upload_json
from services.api.routes.schemas import UploadList, UploadOut
from services.api.service import ApiServices

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}}


class UploadQuery(BaseModel):
    """What may be said beside the bytes."""

    model_config = ConfigDict(extra="forbid")

    filename: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        description="What it is called; else as `Content-Disposition` says. Tells texts apart.",
    )


class UploadListQuery(BaseModel):
    """Which uploads to list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def _upload_id(upload_id: Annotated[str, Path(json_schema_extra={"format": "uuid"})]) -> UUID:
    try:
        return UUID(upload_id)
    except ValueError as error:
        raise UploadNotFoundError(f"There is no upload {upload_id[:100]!r}.") from error


UploadId = Annotated[UUID, Depends(_upload_id)]


def uploading_routes(services: ApiServices) -> APIRouter:
    """The route that takes one."""
    router = APIRouter(
        prefix="/v1/uploads", tags=["uploads"], dependencies=[needs(Scope.MEDIA_WRITE)]
    )

    @router.post(
        "",
        status_code=201,
        summary="Bring a file along",
        description="The body is the file itself: a picture (to 50 megapixels, not SVG), sound, "
        "video, PDF, CSV, JSON, SRT or WebVTT. Its type is read from its bytes, whatever "
        "Content-Type says. The answer's `id` is what inputs name it by. 413 (`quota_exceeded`): "
        "the tenant's uploads take as much room as they may.",
        responses={
            201: {"model": UploadOut, "description": "It is stored."},
            **problems(410, 413, 415, 422),
        },
        openapi_extra={**_BODY, "parameters": [KEY]},
    )
    async def upload(request: Request, query: Annotated[UploadQuery, Query()]) -> Response:
        claim = _claim_of(request, query)
        stored = await services.uploads.receive(tenant_of(request), request.stream(), claim)
        shown = upload_json(stored)
        return answer(shown, 201, {"location": shown["urls"]["self"]})

    return router


def upload_listing_routes(services: ApiServices) -> APIRouter:
    """The route that looks at many."""
    router = APIRouter(
        prefix="/v1/uploads", tags=["uploads"], dependencies=[needs(Scope.MEDIA_READ)]
    )

    @router.get(
        "",
        summary="Files, newest first",
        responses={200: {"model": UploadList}, **problems(422)},
    )
    async def list_uploads(
        request: Request, query: Annotated[UploadListQuery, Query()]
    ) -> Response:
        before = id_of_cursor(query.cursor)
        found = await services.uploads.list_by_tenant(tenant_of(request), query.limit + 1, before)
        shown = found[: query.limit]
        more = cursor_of_id(shown[-1].id) if len(found) > query.limit else None
        return answer({"items": [upload_json(one) for one in shown], "next_cursor": more})

    return router


def one_upload_routes(services: ApiServices) -> APIRouter:
    """What can be done with one: look, fetch, forget."""
    router = APIRouter(prefix="/v1/uploads", tags=["uploads"])

    @router.get(
        "/{upload_id}",
        dependencies=[needs(Scope.MEDIA_READ)],
        summary="One file",
        responses={200: {"model": UploadOut}, **problems(404)},
    )
    async def get(request: Request, upload_id: UploadId) -> Response:
        return answer(upload_json(await services.uploads.get(tenant_of(request), upload_id)))

    reads = [needs(Scope.MEDIA_READ)]

    @router.head("/{upload_id}/content", include_in_schema=False, dependencies=reads)
    @router.get(
        "/{upload_id}/content", summary="Its bytes", responses=DOCUMENTED, dependencies=reads
    )
    async def content(request: Request, upload_id: UploadId) -> Response:
        found = await services.content.upload(tenant_of(request), upload_id)
        return await respond_with(request, found)

    @router.delete(
        "/{upload_id}",
        status_code=204,
        dependencies=[needs(Scope.MEDIA_WRITE)],
        summary="Forget a file",
        description="No new request can name it; those that were accepted go on.",
        responses=problems(404),
    )
    async def delete(request: Request, upload_id: UploadId) -> Response:
        await services.uploads.delete(tenant_of(request), upload_id)
        return Response(status_code=204)

    return router


def _claim_of(request: Request, query: UploadQuery) -> UploadClaim:
    length = request.headers.get("content-length", "")
    return UploadClaim(
        query.filename or _named(request),
        request.headers.get("content-type"),
        int(length) if length.isdigit() else None,
        idempotency_key(request),
    )


def _named(request: Request) -> str | None:
    """The file's name, as Content-Disposition says it (RFC 6266)."""
    said = request.headers.get("content-disposition")
    if said is None:
        return None
    header = Message()
    header["content-disposition"] = said
    return header.get_filename()
