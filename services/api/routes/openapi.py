"""OpenAPI 3.1 made whole: shapes of bodies that routes read themselves, true problems."""

from typing import Any

from fastapi import FastAPI

from services.api.routes.budgets import BudgetIn
from services.api.routes.dead_letter_schemas import PurgeIn, ReplayIn
from services.api.routes.reconciling import ReconcileIn
from services.api.routes.schemas import BatchIn
from services.api.routes.webhooks import BODIES as WEBHOOK_BODIES
from shared.events import RequestSpec
from shared.problem import Problem

_BODIES = (RequestSpec, BatchIn, ReplayIn, PurgeIn, ReconcileIn, BudgetIn, *WEBHOOK_BODIES)


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
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _drop_assumed(document: dict[str, Any]) -> None:
    """FastAPI documents errors of its own shape, which no route answers."""
    for path in document["paths"].values():
        for operation in path.values():
            responses = operation["responses"]
            if "HTTPValidationError" in str(responses.get("422")):
                del responses["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
