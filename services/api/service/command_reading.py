"""Reading commands: a broken envelope is a dead letter, broken data is answered to the sender."""

from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from services.api.service.specification import read_model
from shared.errors import DarkroomError
from shared.events import (
    CancelMedia,
    CloudEvent,
    RequestMedia,
    UndecodableMessageError,
    UnknownTypeError,
)
from shared.events.parts import Message

_COMMANDS: dict[str, type[RequestMedia] | type[CancelMedia]] = {
    RequestMedia.type_name: RequestMedia,
    CancelMedia.type_name: CancelMedia,
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command in its envelope: either `data`, or the `problem` with it."""

    envelope: CloudEvent
    data: RequestMedia | CancelMedia | None = None
    problem: DarkroomError | None = None


def read_command(body: bytes) -> Command:
    """The command in a message. Raises `UndecodableMessageError` or `UnknownTypeError`."""
    try:
        raw = from_json(body)
    except ValueError as error:
        raise UndecodableMessageError(f"not JSON: {error}") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise UndecodableMessageError("not a CloudEvent: a JSON object with `type` is needed")
    model = _COMMANDS.get(raw["type"])
    if model is None:
        raise UnknownTypeError(f"not a command: {raw['type'][:200]!r}")
    try:
        envelope = CloudEvent.model_validate({**raw, "data": Message()})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UndecodableMessageError(f"{place}: {first['msg']}") from error
    try:
        return Command(envelope, read_model(model, to_json(raw.get("data"))))
    except DarkroomError as problem:
        return Command(envelope, problem=problem)
