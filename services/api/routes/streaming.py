"""GET /v1/media/{id}/events and /v1/events: Server-Sent Events from the log.

Source: WHATWG HTML, 9.2 (text/event-stream). An `id:` is a place in the log; progress has none, so
that a client resumes behind what it cannot miss. 204 tells a browser not to come back.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.api.errors import UnknownPositionError
from services.api.models import Scope
from services.api.models.event_log import LogPosition
from services.api.routes.answers import JobId
from services.api.routes.authenticating import needs
from services.api.routes.documented import LAST_EVENT_ID, Responses, problems
from services.api.routes.headers import tenant_of
from services.api.service import ApiServices
from services.api.service.listening import EventStream
from services.api.service.live_events import LiveEvent, Wanted
from shared.events.routing import stem

RETRY_MS = 1_000
HEARTBEAT = b": still here\n\n"
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_POSITION_BYTES = 16

_Name = Annotated[str, Field(max_length=63, pattern=r"^[^\x00]*$")]
_Names = Annotated[list[_Name], Query(max_length=50, description="Only these; any when left out.")]
_LastId = Annotated[
    str | None,
    Query(max_length=100, description="The same as `Last-Event-ID`, for those who cannot send it."),
]


def streaming_routes(services: ApiServices) -> APIRouter:
    """The routes that answer as long as something happens."""
    router = APIRouter(prefix="/v1", tags=["events"], dependencies=[needs(Scope.MEDIA_READ)])

    @router.get(
        "/media/{job_id}/events",
        summary="What happens to it, from its beginning to its end",
        responses={**_documented(), **problems(400, 404, 410, 429)},
        response_class=StreamingResponse,
        openapi_extra={"parameters": [LAST_EVENT_ID]},
    )
    async def of_job(request: Request, job_id: JobId, last_event_id: _LastId = None) -> Response:
        after = _resumed(request, last_event_id)
        stream = await services.listening.listen_to_job(tenant_of(request), job_id, after)
        return await _respond(stream) if stream else Response(status_code=204)

    @router.get(
        "/events",
        summary="Everything that happens, from now on",
        responses={**_documented(), **problems(400, 422, 429)},
        response_class=StreamingResponse,
        openapi_extra={"parameters": [LAST_EVENT_ID]},
    )
    async def of_all(
        request: Request,
        types: _Names = [],  # noqa: B006
        generator: _Names = [],  # noqa: B006
        last_event_id: _LastId = None,
    ) -> Response:
        wanted = Wanted(tenant_of(request), None, frozenset(types), frozenset(generator))
        after = _resumed(request, last_event_id)
        return await _respond(await services.listening.listen_to_all(wanted, after))

    return router


def _documented() -> Responses:
    schema = {"type": "string", "description": "`id`, `event` (such as media.ready), `data`."}
    return {
        200: {
            "description": "A stream; `data` is the CloudEvent as it was published. It ends after "
            "the last word about a job, or for a moment: resume with `Last-Event-ID`.",
            "content": {"text/event-stream": {"schema": schema}},
        },
        204: {"description": "All of it was told: do not come back."},
    }


async def _respond(stream: EventStream) -> Response:
    """The first step is taken before anything is answered: it may be refused."""
    await anext(stream.events)
    return StreamingResponse(_written(stream), media_type="text/event-stream", headers=HEADERS)


async def _written(stream: EventStream) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY_MS}\nid: {id_of_position(stream.position)}\n\n".encode()
    async for event in stream.events:
        yield HEARTBEAT if event is None else written(event)


def written(event: LiveEvent) -> bytes:
    """One event on the wire; every line of its JSON is a line of data."""
    place = f"id: {id_of_position(event.position)}\n" if event.position else ""
    data = "\n".join(f"data: {line}" for line in event.body.splitlines())
    return f"{place}event: {stem(event.type)}\n{data}\n\n".encode()


def id_of_position(position: LogPosition) -> str:
    """Opaque, for the client to hand back."""
    raw = b"".join(number.to_bytes(8, "big") for number in position)
    return urlsafe_b64encode(raw).decode().rstrip("=")


def position_of_id(said: str) -> LogPosition:
    """Raises `UnknownPositionError` for what we never said."""
    try:
        raw = urlsafe_b64decode(said + "=" * (-len(said) % 4))
    except ValueError as error:
        raise UnknownPositionError from error
    if len(raw) != _POSITION_BYTES or raw[0] > 127 or raw[8] > 127:
        raise UnknownPositionError
    return LogPosition(int.from_bytes(raw[:8], "big"), int.from_bytes(raw[8:], "big"))


def _resumed(request: Request, last_event_id: str | None) -> LogPosition | None:
    """The header is newer than the address: a browser that comes back has both."""
    said = request.headers.get("last-event-id") or last_event_id
    return position_of_id(said) if said else None
