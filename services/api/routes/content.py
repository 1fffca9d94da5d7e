"""GET …/content and …/assets/{n}: the bytes, for ever the same under their address."""

import mimetypes
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.api.errors import RangeNotSatisfiableError
from services.api.models import Scope
from services.api.routes.answers import JobId
from services.api.routes.authenticating import needs
from services.api.routes.documented import Responses, problems
from services.api.routes.headers import tenant_of
from services.api.routes.ranges import is_unchanged, wanted_range
from services.api.service import ApiServices
from services.api.service.content import Content
from shared.http import problem_response

_BYTES: dict[str, object] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
DOCUMENTED: Responses = {
    200: {"description": "The bytes; ETag is their SHA-256.", "content": _BYTES},
    206: {"description": "The range that was asked for.", "content": _BYTES},
    304: {"description": "You have it."},
    307: {"description": "The store itself answers it, at this address, for a while."},
    **problems(404, 409, 410, 416),
}
"""Of every address that answers a file."""


def content_routes(services: ApiServices) -> APIRouter:
    """The routes that answer files."""
    router = APIRouter(prefix="/v1/media", tags=["media"], dependencies=[needs(Scope.MEDIA_READ)])

    @router.head("/{job_id}/content", include_in_schema=False)
    @router.get("/{job_id}/content", summary="The primary asset", responses=DOCUMENTED)
    async def content(request: Request, job_id: JobId) -> Response:
        found = await services.content.primary(tenant_of(request), job_id)
        return await respond_with(request, found)

    @router.head("/{job_id}/assets/{index}", include_in_schema=False)
    @router.get(
        "/{job_id}/assets/{index}",
        summary="One asset, from 0",
        responses={**DOCUMENTED, **problems(422)},
    )
    async def asset(
        request: Request, job_id: JobId, index: Annotated[int, Path(ge=0, le=10_000)]
    ) -> Response:
        found = await services.content.asset(tenant_of(request), job_id, index)
        return await respond_with(request, found)

    return router


async def respond_with(request: Request, content: Content) -> Response:
    """The file, or the part of it that is asked for."""
    etag = f'"{content.sha256}"'
    headers = {
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=31536000, immutable",
        "content-disposition": _disposition(content),
        # What users made must not run as a page of this host.
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    if is_unchanged(request.headers, etag):
        return Response(status_code=304, headers=headers)
    if request.method == "GET" and (url := await content.elsewhere()) is not None:
        # Whoever keeps the answer may not keep the address: it is good for a while only.
        return Response(status_code=307, headers={"location": url, "cache-control": "no-store"})
    try:
        part = wanted_range(request.headers, content.size, etag)
    except RangeNotSatisfiableError as error:
        response = problem_response(error, request.url.path)
        response.headers["content-range"] = f"bytes */{content.size}"
        return response
    start, end = part or (0, content.size)
    headers["content-length"] = str(end - start)
    if part is not None:
        headers["content-range"] = f"bytes {start}-{end - 1}/{content.size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=content.media_type)
    return StreamingResponse(
        await content.open(start, end), status, headers=headers, media_type=content.media_type
    )


def _disposition(content: Content) -> str:
    extension = mimetypes.guess_extension(content.media_type) or ".bin"
    name = (content.filename or f"{content.id}{extension}").replace("/", "_")
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    if plain == name:
        return f'inline; filename="{name}"'
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
