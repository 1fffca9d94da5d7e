"""Between bytes and events. What cannot be read says exactly why."""

from pydantic import ValidationError
from pydantic_core import from_json

from shared.errors import PermanentError
from shared.events.catalog import CATALOG
from shared.events.envelope import CloudEvent


class UndecodableMessageError(PermanentError):
    """The message is not a CloudEvent that Darkroom can read."""

    code = "undecodable_message"
    title = "Undecodable message"
    status = 400


class UnknownTypeError(PermanentError):
    """The message has a type that this version of Darkroom does not know."""

    code = "unknown_type"
    title = "Unknown message type"
    status = 400


def encode(event: CloudEvent) -> bytes:
    """Structured-mode JSON; absent extensions are left out."""
    return event.model_dump_json(exclude_none=True).encode()


def decode(body: bytes) -> CloudEvent:
    """Read a CloudEvent and its data.

    Raises `UndecodableMessageError` (not JSON, not a CloudEvent, data of the wrong shape: the field
    is named) or `UnknownTypeError`.
    """
    try:
        raw = from_json(body)
    except ValueError as error:
        raise UndecodableMessageError(f"not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise UndecodableMessageError(f"a JSON object is needed, not {type(raw).__name__}")
    type_name = raw.get("type")
    if not isinstance(type_name, str):
        raise UndecodableMessageError("not a CloudEvent: `type` is missing")
    model = CATALOG.get(type_name)
    if model is None:
        raise UnknownTypeError(f"unknown message type {type_name[:200]!r}")
    try:
        data = model.model_validate(raw.get("data"))
        return CloudEvent.model_validate({**raw, "data": data})
    except ValidationError as error:
        raise UndecodableMessageError(f"{type_name}: {_first_problem(error)}") from error


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "body"
    return f"{place}: {first['msg']}"
