"""Between bytes and events. What cannot be read says exactly why.

Both directions have a quick way for what Darkroom itself says, and a thorough one for the rest: for
values that orjson does not know, and for messages that are not as they should be.
"""

import re
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import from_json

from shared.errors import PermanentError
from shared.events.catalog import CATALOG
from shared.events.envelope import CloudEvent
from shared.events.parts import Part


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
    try:
        said = orjson.dumps(event, default=_plain, option=_IN_UTC)
    except TypeError:
        return _encode_thoroughly(event)
    return _encode_thoroughly(event) if _WHOLE_SECOND.search(said) else said


def decode(body: bytes) -> CloudEvent:
    """Read a CloudEvent and its data.

    Raises `UndecodableMessageError` (not JSON, not a CloudEvent, data of the wrong shape: the field
    is named) or `UnknownTypeError`.
    """
    said = _TYPE.search(body)
    whole = _WHOLE.get(said[1]) if said else None
    if whole is not None:
        try:
            event: CloudEvent = whole.validate_json(body)
        except ValidationError:
            return _decode_thoroughly(body)
        if event.type == event.data.type_name:
            object.__setattr__(event, "__class__", CloudEvent)
            return event
    return _decode_thoroughly(body)


_TYPE = re.compile(rb'"type"\s*:\s*"([^"]*)"')
"""Most often that of the event; where it is not, it does not fit the data."""

_WHOLE = {
    name.encode(): create_model(
        model.__name__, __base__=CloudEvent, data=(model, ...)
    ).__pydantic_validator__
    for name, model in CATALOG.items()
}
"""The envelope with its data in it, so that one pass reads both."""

_IN_UTC = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC

_WHOLE_SECOND = re.compile(rb'Z(?<!\.[0-9]{6}Z)"')
"""Perhaps a moment on the very second: orjson leaves out its microseconds, `rfc3339` says them."""

_OURS = frozenset({CloudEvent, *CATALOG.values(), *Part.__subclasses__()})


def _plain(value: Any) -> Any:
    """What orjson does not know by itself. Raises `TypeError` for what it cannot become."""
    if type(value) in _OURS or isinstance(value, BaseModel):
        return {name: held for name, held in value.__dict__.items() if held is not None}
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def _encode_thoroughly(event: CloudEvent) -> bytes:
    return event.model_dump_json(exclude_none=True).encode()


def _decode_thoroughly(body: bytes) -> CloudEvent:
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
