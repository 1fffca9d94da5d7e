"""Files that are brought along, as the in-memory Darkroom keeps them: by id, unchecked."""

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.clock import SystemClock, uuid7
from shared.errors import NotFoundError
from shared.events.parts import rfc3339
from shared.media import sniff_bytes
from shared.testing.in_memory.showing import page


def upload_routes() -> list[Route]:
    """The calls about uploads, and what they remember."""
    kept: dict[str, dict[str, Any]] = {}

    async def upload(request: Request) -> Response:
        content, upload_id = await request.body(), str(uuid7())
        kept[upload_id] = {
            "id": upload_id,
            "sha256": hashlib.sha256(content).hexdigest(),
            "media_type": sniff_bytes(content, request.query_params.get("filename", "")),
            "size": len(content),
            "filename": request.query_params.get("filename"),
            "created_at": rfc3339(SystemClock().now()),
        }
        return JSONResponse(kept[upload_id], 201)

    async def uploads(request: Request) -> Response:
        limit, cursor = request.query_params.get("limit", "50"), request.query_params.get("cursor")
        return JSONResponse(page([*kept.values()][::-1], int(limit), cursor))

    async def forget(request: Request) -> Response:
        if kept.pop(request.path_params["id"], None) is None:
            raise NotFoundError(f"There is no upload {request.path_params['id']}.")
        return Response(status_code=204)

    return [
        Route("/v1/uploads", upload, methods=["POST"]),
        Route("/v1/uploads", uploads),
        Route("/v1/uploads/{id}", forget, methods=["DELETE"]),
    ]
