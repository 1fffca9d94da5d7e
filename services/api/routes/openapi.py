"""OpenAPI 3.1 made whole: shapes of bodies that routes read themselves, true problems."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from services.api.models import Scope
from services.api.routes.authenticating import Needed
from services.api.routes.budgets import BudgetIn
from services.api.routes.dead_letter_schemas import PurgeIn, ReplayIn
from services.api.routes.documented import problems
from services.api.routes.keys import KeyIn
from services.api.routes.limits import LimitsIn
from services.api.routes.reconciling import ReconcileIn
from services.api.routes.schemas import BatchIn
from services.api.routes.webhooks import BODIES as WEBHOOK_BODIES
from shared.events import RequestSpec
from shared.problem import Problem

_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key (`dk_…`), where the server asks for keys (`DARKROOM_AUTH=keys`); without "
    "one: 401 (`unauthenticated`). Each operation names the scope that the key needs; without it: "
    "403 (`scope_missing`). With `operate`, `X-Darkroom-Tenant` names the tenant to act for.",
}
_BODIES = (
    RequestSpec,
    BatchIn,
    ReplayIn,
    PurgeIn,
    ReconcileIn,
    BudgetIn,
    KeyIn,
    LimitsIn,
    *WEBHOOK_BODIES,
)


def complete_openapi(app: FastAPI) -> None:
    """Adds the shapes of bodies that routes read themselves, takes out what FastAPI assumes."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for model in (*_BODIES, Problem):
                shape = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update(shape.pop("$defs", {}))
                schemas[model.__name__] = shape
            _drop_assumed(document)
            _say_who_may(document, app)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def operations_of(app: FastAPI) -> Iterator[tuple[str, str, Scope | None]]:
    """Method and path of each, also those that are not documented, and the scope that it needs.

    None: it names none.
    """
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            asked = [dependency.call for dependency in route.dependant.dependencies]
            scope = next((one.scope for one in asked if isinstance(one, Needed)), None)
            yield from ((method, route.path_format or "", scope) for method in route.methods or ())


def _say_who_may(document: dict[str, Any], app: FastAPI) -> None:
    """Every operation needs a key, and the one scope that it names (OpenAPI 3.1, 4.8.30)."""
    document["components"]["securitySchemes"] = {"key": _KEY}
    told = {str(status): said for status, said in problems(401, 403, 429).items()}
    for method, path, scope in operations_of(app):
        if operation := document["paths"].get(path, {}).get(method.lower()):
            operation["security"] = [{"key": [scope.value] if scope else []}]
            operation["responses"] = dict(sorted({**told, **operation["responses"]}.items()))


def _drop_assumed(document: dict[str, Any]) -> None:
    """FastAPI documents errors of its own shape, which no route answers."""
    for path in document["paths"].values():
        for operation in path.values():
            responses = operation["responses"]
            if "HTTPValidationError" in str(responses.get("422")):
                del responses["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
