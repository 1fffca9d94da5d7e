"""POST /v1/dead-letters/…/replay, purge, DELETE: doing something about dead letters."""

from typing import TypeVar

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import DeadLetterFilter, Scope
from services.api.routes.answers import LetterId, answer
from services.api.routes.authenticating import needs
from services.api.routes.dead_letter_presenters import dead_letter_summary, replay_json
from services.api.routes.dead_letter_schemas import (
    DeadLetterSummary,
    PurgeIn,
    PurgeOut,
    ReplayIn,
    ReplayOut,
)
from services.api.routes.documented import json_body, problems
from services.api.routes.headers import require_json
from services.api.service import ApiServices
from services.api.service.specification import read_model

Wanted = TypeVar("Wanted", bound=ReplayIn)


def replaying_routes(services: ApiServices) -> APIRouter:
    """Sending dead letters back to their queues."""
    router = APIRouter(
        prefix="/v1/dead-letters", tags=["operations"], dependencies=[needs(Scope.OPERATE)]
    )

    @router.post(
        "/replay",
        summary="Send many back to their queues, the oldest first",
        description="Each with its own id, so that nothing happens twice; a letter that was "
        "replayed before is left out. At least one filter, or `all`: true.",
        responses={200: {"model": ReplayOut}, **problems(400, 413, 415, 422)},
        openapi_extra=json_body(
            "ReplayIn", {"queue": "notifier.outcomes", "error_class": "KeyError"}
        ),
    )
    async def replay_many(request: Request) -> Response:
        wanted = await _read(request, ReplayIn)
        return answer(replay_json(await services.replaying.replay_many(_filter(wanted))))

    @router.post(
        "/{letter_id}/replay",
        summary="Send one back to its queue, also once more",
        description="The message as it was, with its own id, straight into the queue that it could "
        "not leave. 409: `not_replayable` (its queue is not known or gone), `being_replayed`.",
        responses={200: {"model": DeadLetterSummary}, **problems(404, 409)},
    )
    async def replay(letter_id: LetterId) -> Response:
        return answer(dead_letter_summary(await services.replaying.replay(letter_id)))

    return router


def removal_routes(services: ApiServices) -> APIRouter:
    """Throwing dead letters away."""
    router = APIRouter(
        prefix="/v1/dead-letters", tags=["operations"], dependencies=[needs(Scope.OPERATE)]
    )

    @router.post(
        "/purge",
        summary="Throw many away, the oldest first",
        responses={200: {"model": PurgeOut}, **problems(400, 413, 415, 422)},
        openapi_extra=json_body("PurgeIn", {"error_code": "undecodable_message", "limit": 100}),
    )
    async def purge(request: Request) -> Response:
        wanted = await _read(request, PurgeIn)
        purged, remaining = await services.dead_letters.purge(_filter(wanted))
        return answer({"purged": purged, "remaining": remaining})

    @router.delete(
        "/{letter_id}",
        status_code=204,
        summary="Throw one away",
        responses=problems(404),
    )
    async def delete(letter_id: LetterId) -> Response:
        await services.dead_letters.delete(letter_id)
        return Response(status_code=204)

    return router


async def _read(request: Request, model: type[Wanted]) -> Wanted:
    require_json(request)
    wanted: Wanted = read_model(model, await request.body())
    return wanted


def _filter(wanted: ReplayIn) -> DeadLetterFilter:
    return DeadLetterFilter(**wanted.model_dump(exclude={"all"}))
