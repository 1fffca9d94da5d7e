"""GET /v1/generators: what can be asked for."""

from fastapi import APIRouter
from starlette.responses import Response

from services.api.routes.answers import answer
from services.api.routes.documented import problems
from services.api.routes.presenters import generator_json
from services.api.routes.schemas import GeneratorList, GeneratorOut
from services.api.service import ApiServices


def generator_routes(services: ApiServices) -> APIRouter:
    """The catalogue."""
    router = APIRouter(prefix="/v1/generators", tags=["generators"])

    @router.get("", summary="Every generator", responses={200: {"model": GeneratorList}})
    async def list_generators() -> Response:
        return answer({"items": [generator_json(one) for one in services.catalogue.list_all()]})

    @router.get(
        "/{name}",
        summary="One generator",
        responses={200: {"model": GeneratorOut}, **problems(404)},
    )
    async def get_generator(name: str) -> Response:
        return answer(generator_json(await services.catalogue.get(name)))

    return router
