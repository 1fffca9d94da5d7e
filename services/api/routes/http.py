"""The HTTP application: every route, every error, the documents, the limits on bodies."""

from collections.abc import Sequence
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from services.api.models import Scope
from services.api.routes.answers import answer
from services.api.routes.authenticating import Authenticating, counting, needing
from services.api.routes.batch import batch_routes
from services.api.routes.budgets import budget_routes
from services.api.routes.canceling import canceling_routes
from services.api.routes.content import content_routes
from services.api.routes.dead_letters import dead_letter_routes
from services.api.routes.deleting import collection_routes, deleting_routes, tombstone_routes
from services.api.routes.door import Door
from services.api.routes.generators import control_routes, generator_routes
from services.api.routes.keys import key_routes
from services.api.routes.limiting import Explain, RateLimiting, limited
from services.api.routes.limits import limit_routes, limit_setting_routes
from services.api.routes.listing import listing_routes
from services.api.routes.openapi import complete_openapi
from services.api.routes.reading import reading_routes, show
from services.api.routes.reconciling import reconciling_routes
from services.api.routes.replaying import removal_routes, replaying_routes
from services.api.routes.requesting import requesting_routes, take
from services.api.routes.retrying import retrying_routes
from services.api.routes.streaming import streaming_routes
from services.api.routes.uploads import (
    one_upload_routes,
    upload_listing_routes,
    uploading_routes,
)
from services.api.routes.webhooks import webhook_routes
from services.api.service import ApiServices
from services.api.service.notifier import Notifier
from services.api.service.specification import field_errors, invalid
from shared.contracts import asyncapi_document
from shared.http import (
    BodyLimit,
    DirectRequest,
    DirectRoutes,
    RequestLog,
    exception_handlers,
    problem_response,
)
from shared.http.direct import Answer as DirectAnswer
from shared.http.handlers import Handler

MIB = 1024 * 1024
LARGEST_UPLOAD = 100 * MIB
DESCRIPTION = (
    "Turns requests for media into media, reliably. Every error is `application/problem+json` "
    "(RFC 9457) with a stable `code`."
)

ROUTES = (
    requesting_routes,
    batch_routes,
    canceling_routes,
    retrying_routes,
    reconciling_routes,
    tombstone_routes,
    reading_routes,
    deleting_routes,
    listing_routes,
    streaming_routes,
    content_routes,
    uploading_routes,
    upload_listing_routes,
    one_upload_routes,
    generator_routes,
    control_routes,
    budget_routes,
    limit_routes,
    limit_setting_routes,
    collection_routes,
    dead_letter_routes,
    replaying_routes,
    removal_routes,
    key_routes,
)


def http_app(
    services: ApiServices,
    operations: Sequence[BaseRoute] = (),
    *,
    largest_upload: int = LARGEST_UPLOAD,
    notifier: Notifier | None = None,
    keys_needed: bool = False,
) -> ASGIApp:
    """Everything the api answers; `operations` are health and metrics."""
    door = Door(services.access if keys_needed else None)
    app = fast_api(services, notifier)
    app.router.routes.extend(operations)
    limits = {"/v1/media/batch": 16 * MIB, "/v1/uploads": largest_upload}
    small = BodyLimit(app, limit=MIB, exceptions=limits)
    handlers = _handlers(services)
    known = Authenticating(RateLimiting(small, services.rates), door, handlers)

    async def explain(error: Exception, request: DirectRequest) -> Response:
        return await routes.explain(error, request)

    answers = _direct_answers(services, door, explain)
    routes = DirectRoutes(RequestLog(known), answers, handlers)
    return routes


def _direct_answers(
    services: ApiServices, door: Door, explain: Explain
) -> dict[tuple[str, str], DirectAnswer]:
    """What every client does with every job: ask, and look."""

    async def ask(request: DirectRequest) -> Response:
        return await take(services, request)

    async def look(request: DirectRequest) -> Response:
        return await show(services, request, request.id)

    rates = services.rates
    asking, looking = needing(Scope.MEDIA_WRITE, ask), needing(Scope.MEDIA_READ, look)
    return {
        ("POST", "/v1/media"): door.direct(limited(rates, asking, explain, asks=True)),
        ("GET", "/v1/media/"): door.direct(limited(rates, looking, explain, asks=False)),
    }


def fast_api(services: ApiServices, notifier: Notifier | None = None) -> FastAPI:
    """The documented part."""
    app: FastAPI = FastAPIOffline(
        title="Darkroom",
        version=version("darkroom"),
        description=DESCRIPTION,
        exception_handlers={
            **_handlers(services),
            RequestValidationError: _on_invalid_parameter,
        },
        redoc_url=None,
    )
    for routes in ROUTES:
        app.include_router(routes(services))
    app.include_router(webhook_routes(notifier or Notifier(None)))
    app.add_api_route("/asyncapi", _asyncapi, include_in_schema=False)
    complete_openapi(app)
    return app


def _handlers(services: ApiServices) -> dict[int | type[Exception], Handler]:
    return counting(exception_handlers(), services.refused_callers)


async def _on_invalid_parameter(request: Request, error: RequestValidationError) -> Response:
    return problem_response(invalid(field_errors(error.errors())), request.url.path)


async def _asyncapi() -> Response:
    return answer(asyncapi_document())
