"""Reading commands: a broken envelope is a dead letter, broken data is answered to the sender."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from services.api.service.json_rules import broken_rules
from services.api.service.specification import invalid, read_model
from shared.errors import DarkroomError
from shared.events import (
    CancelMedia,
    CloudEvent,
    RequestMedia,
    UndecodableMessageError,
    UnknownTypeError,
)
from shared.events.parts import Message
from shared.http.body_limit import MIB, BodyTooLargeError

_COMMANDS: dict[str, type[RequestMedia] | type[CancelMedia]] = {
    RequestMedia.type_name: RequestMedia,
    CancelMedia.type_name: CancelMedia,
}
_SHORT = 255
"""Bytes: what repeats as an AMQP property may have no more."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a command, and where it is to be answered: its AMQP properties.

    `user` is vouched for by the broker, which refuses every name but the sender's own; of a command
    that was replayed it is the one who sent it first (`shared.messaging.dead_letters`).
    """

    user: str | None = None
    reply_to: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command in its envelope: either `data`, or the `problem` with it."""

    envelope: CloudEvent
    data: RequestMedia | CancelMedia | None = None
    problem: DarkroomError | None = None
    sender: Sender = field(default=Sender())


def read_command(body: bytes, sender: Sender = Sender()) -> Command:
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
    envelope = _envelope(raw)
    try:
        return Command(envelope, _data(model, raw.get("data")), sender=sender)
    except DarkroomError as problem:
        return Command(envelope, problem=problem, sender=sender)


def _envelope(raw: dict[str, Any]) -> CloudEvent:
    try:
        envelope = CloudEvent.model_validate({**raw, "data": Message()})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UndecodableMessageError(f"{place}: {first['msg']}") from error
    for problem in _unkeepable(envelope):
        raise UndecodableMessageError(problem)
    return envelope


def _unkeepable(envelope: CloudEvent) -> Iterator[str]:
    """What can neither be stored nor said again."""
    said = envelope.model_dump(include={"id", "source", "correlationid", "causationid"})
    for error in broken_rules(said, ""):
        yield f"{error.pointer[1:]}: {error.message}"
    if envelope.correlationid and len(envelope.correlationid.encode()) > _SHORT:
        yield f"correlationid: more than {_SHORT} bytes"


def _data(model: type[RequestMedia] | type[CancelMedia], raw: object) -> RequestMedia | CancelMedia:
    """Held to what HTTP takes."""
    said = to_json(raw)
    if len(said) > MIB:
        raise BodyTooLargeError(f"`data` may have at most {MIB:,} bytes.", extra={"limit": MIB})
    data: RequestMedia | CancelMedia = read_model(model, said)
    if isinstance(data, RequestMedia):
        errors = [*broken_rules(data.idempotency_key, "/idempotency_key")]
        if errors:
            raise invalid(errors)
    return data
