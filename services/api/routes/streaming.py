"""GET /v1/media/{id}/events and /v1/events: Server-Sent Events from the log.

204 tells a browser not to come back.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Scope
from services.api.models.event_log import LogPosition
from services.api.routes.answers import JobId
from services.api.routes.authenticating import needs
from services.api.routes.documented import LAST_EVENT_ID, Responses, problems
from services.api.routes.event_stream import EventStreamResponse, position_of_id
from services.api.routes.headers import tenant_of
from services.api.service import ApiServices
from services.api.service.live_events import Wanted
from shared.events.parts import WITHOUT_NUL

_Name = Annotated[str, Field(max_length=63, pattern=WITHOUT_NUL)]
_Names = Annotated[list[_Name], Query(max_length=50, description="Only these; any when left out.")]
_LastId = Annotated[
    str | None,
    Query(max_length=100, description="The same as `Last-Event-ID`, for those who cannot send it."),
]
_Since = Annotated[
    AwareDatetime | None,
    Query(description="Only what happened then or later (RFC 3339), from the log if it is past."),
]
_EVENT = {
    "title": "StreamedEvent",
    "type": "object",
    "description": "Each event of the stream.",
    "properties": {
        "id": {
            "type": "string",
            "description": "Its place; progress and heartbeats may have none.",
        },
        "event": {"type": "string", "examples": ["media.ready"]},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
                "type": "object",
                "required": ["specversion", "id", "type", "subject", "time", "data"],
            },
        },
        "retry": {"type": "integer"},
    },
}


def streaming_routes(services: ApiServices) -> APIRouter:
    """The routes that answer as long as something happens."""
    router = APIRouter(prefix="/v1", tags=["events"], dependencies=[needs(Scope.MEDIA_READ)])

    @router.get(
        "/media/{job_id}/events",
        summary="What happens to it, from its beginning to its end",
        responses={**_documented(), **problems(400, 404, 410, 422, 429)},
        response_class=Response,
        openapi_extra={"parameters": [LAST_EVENT_ID]},
    )
    async def of_job(
        request: Request, job_id: JobId, since: _Since = None, last_event_id: _LastId = None
    ) -> Response:
        wanted = Wanted(tenant_of(request), job_id, since=since)
        after = _resumed(request, last_event_id)
        stream = await services.listening.listen_to_job(wanted, after)
        return EventStreamResponse(stream) if stream else Response(status_code=204)

    @router.get(
        "/events",
        summary="Everything that happens, from now on",
        responses={**_documented(), **problems(400, 410, 422, 429)},
        response_class=Response,
        openapi_extra={"parameters": [LAST_EVENT_ID]},
    )
    async def of_all(
        request: Request,
        types: _Names = [],  # noqa: B006
        generator: _Names = [],  # noqa: B006
        since: _Since = None,
        last_event_id: _LastId = None,
    ) -> Response:
        names = frozenset(types), frozenset(generator)
        wanted = Wanted(tenant_of(request), None, *names, since)
        after = _resumed(request, last_event_id)
        return EventStreamResponse(await services.listening.listen_to_all(wanted, after))

    return router


def _documented() -> Responses:
    return {
        200: {
            "description": "A stream; `data` is the CloudEvent as it was published. It ends after "
            "the last word about a job, or for a moment: resume with `Last-Event-ID`.",
            "content": {"text/event-stream": {"schema": _EVENT}},
        },
        204: {"description": "All of it was told: do not come back."},
    }


def _resumed(request: Request, last_event_id: str | None) -> LogPosition | None:
    """The header is newer than the address: a browser that comes back has both."""
    said = request.headers.get("last-event-id") or last_event_id
    return position_of_id(said) if said else None
