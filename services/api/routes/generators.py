"""GET /v1/generators: what can be asked for. POST …/pause and …/resume: whether it is made now."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.api.models import AnnouncedGenerator, Scope
from services.api.routes.answers import answer
from services.api.routes.authenticating import needs
from services.api.routes.documented import problems
from services.api.routes.presenters import control_json, generator_json
from services.api.routes.schemas import ControlOut, GeneratorList, GeneratorOut
from services.api.service import ApiServices
from shared.events import Action


def generator_routes(services: ApiServices) -> APIRouter:
    """The catalogue."""
    router = APIRouter(
        prefix="/v1/generators", tags=["generators"], dependencies=[needs(Scope.MEDIA_READ)]
    )

    @router.get("", summary="Every generator", responses={200: {"model": GeneratorList}})
    async def list_generators() -> Response:
        return answer({"items": [_shown(one) for one in services.catalogue.list_all()]})

    @router.get(
        "/{name}",
        summary="One generator",
        responses={200: {"model": GeneratorOut}, **problems(404)},
    )
    async def get_generator(name: str) -> Response:
        return answer(_shown(await services.catalogue.get(name)))

    def _shown(generator: AnnouncedGenerator) -> dict[str, Any]:
        available = services.catalogue.is_available(generator.name)
        return generator_json(generator, available=available)

    return router


def control_routes(services: ApiServices) -> APIRouter:
    """What operators want of generators."""
    router = APIRouter(
        prefix="/v1/generators", tags=["operations"], dependencies=[needs(Scope.OPERATE)]
    )

    def add(action: Action, meaning: str) -> None:
        said = {"model": ControlOut, "description": "The generators are told."}

        async def control_all() -> Response:
            return answer(control_json(await services.control.control(action, None)), 202)

        async def control_one(name: str) -> Response:
            return answer(control_json(await services.control.control(action, name)), 202)

        for path, route, whose, failures in (
            (f"/{action}", control_all, "all", problems()),
            (f"/{{name}}/{action}", control_one, "one", problems(404)),
        ):
            router.add_api_route(
                path,
                route,
                methods=["POST"],
                status_code=202,
                summary=f"{action.capitalize()} {whose}: {meaning}",
                operation_id=f"{action}_{whose}",
                responses={202: said, **failures},
            )

    add(Action.PAUSE, "no more jobs are started, what runs goes on")
    add(Action.RESUME, "waiting jobs are started again")
    return router
