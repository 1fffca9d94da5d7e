"""What requests say: whose they are, what they want. What is wrong is named by its place."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.notifier.errors import MalformedJsonError
from shared.errors import FieldError, InvalidInputError, NotFoundError
from shared.events.envelope import DEFAULT_TENANT
from shared.http import PLAIN, is_plain
from shared.webhooks.models import TENANT_HEADER

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
Model = TypeVar("Model", bound=BaseModel)
Value = TypeVar("Value")


def tenant_of(request: Request) -> str:
    """Whose request it is: the api says so, and nobody else reaches the notifier."""
    return request.headers.get(TENANT_HEADER) or DEFAULT_TENANT


def idempotency_key(request: Request) -> str | None:
    """The key of the request, if it has one. Raises `InvalidInputError`."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not is_plain(key):
        raise invalid([FieldError(f"/header/{IDEMPOTENCY_KEY}", PLAIN)])
    return key


def id_of(request: Request, missing: type[NotFoundError]) -> UUID:
    """The id in the path. Raises `missing` where it is none."""
    said = request.path_params["id"]
    try:
        return UUID(said)
    except ValueError:
        raise missing(f"There is no {said[:100]!r}.") from None


async def read(model: type[Model], request: Request) -> Model:
    """The body. Raises `MalformedJsonError`, `InvalidInputError`."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        if problems[0]["type"] == "json_invalid":
            reason = problems[0].get("ctx", {}).get("error", "")
            raise MalformedJsonError(f"The body is not JSON: {reason}.") from None
        raise invalid(
            FieldError("".join(f"/{part}" for part in one["loc"]), one["msg"]) for one in problems
        ) from None


def parameter(request: Request, name: str, kind: Any) -> Any:
    """The query parameter, or None. Raises `InvalidInputError`."""
    said = request.query_params.get(name)
    if said is None:
        return None
    try:
        return TypeAdapter(kind).validate_python(said)
    except ValidationError as error:
        raise invalid([FieldError(f"/query/{name}", error.errors()[0]["msg"])]) from None


def invalid(errors: Iterable[FieldError]) -> InvalidInputError:
    """The error that names these."""
    found = list(errors)
    detail = "; ".join(f"{one.pointer or 'body'}: {one.message}" for one in found[:3])
    return InvalidInputError(detail, errors=found)


def answer(model: type[BaseModel], values: Mapping[str, Any], status: int = 200) -> Response:
    """Those of `values` that the model has, as JSON."""
    content = model.model_validate(values).model_dump(mode="json")
    return Response(orjson.dumps(content), status, media_type="application/json")
