"""docs/reference/events.md: every type that travels, with its fields."""

import inspect

from pydantic import BaseModel

from deploy.reference.json_types import fields
from deploy.reference.markdown import code, table
from shared.contracts import schema_file_name
from shared.events import ANSWERS, CATALOG, COMMANDS, CloudEvent, Message
from shared.events.parts import Asset, Attempt, Failure, Webhook
from shared.events.routing import stem
from shared.messaging.outgoing import exchange_of

_SCHEMAS = "../../shared/events/schemas/"
_PARTS: tuple[type[BaseModel], ...] = (Asset, Attempt, Failure, Webhook)
_HEAD = f"""\
# Events and commands

Everything that travels is a CloudEvent 1.0 in structured JSON (content type
`application/cloudevents+json`): a JSON object with what happened in `data`. The id of an event
about a job is the UUIDv5 of (job id, type, attempt): an event that is published twice has the same
id, so that a listener can drop the second. New fields may appear in `data` at any time: ignore
what you do not know. A change that would break a reader is a new type (`.v2`).

The AMQP properties `message_id`, `type`, `timestamp`, `app_id` and `correlation_id` repeat the
envelope, for who looks at the management UI.

## Envelope

`subject` is the job's id, `source` the service that speaks, `correlationid` the same in the whole
chain that a request set off, `causationid` the id of the event or command that led to this one;
[JSON Schema]({_SCHEMAS}cloudevent.json).
"""


def events_page() -> str:
    """The page's text."""
    parts = [_HEAD, _fields(CloudEvent), _overview(), *map(_message, CATALOG.values())]
    return "\n".join([*parts, "## Parts\n", *map(_part, _PARTS)])


def _overview() -> str:
    rows = ((_link(m), _exchange(m), _summary(m)) for m in CATALOG.values())
    return "## All types\n\n" + table(("type", "exchange", "meaning"), rows)


def _message(message: type[Message]) -> str:
    noun = "Command" if message in COMMANDS else "Event"
    name = message.type_name
    return "\n".join(
        [
            f"## {name}\n",
            f"{noun}. {_summary(message)}\n",
            f"{_place(message)}; {_schema(message)}.\n",
            _fields(message),
        ]
    )


def _exchange(message: type[Message]) -> str:
    return "to `reply_to`" if message in ANSWERS else code(exchange_of(message.type_name))


def _place(message: type[Message]) -> str:
    name = message.type_name
    if message in ANSWERS:
        return "In the queue that the command names in `reply_to`, and nowhere else"
    return f"On `{exchange_of(name)}`, routing key `{stem(name)}…`"


def _schema(message: type[Message]) -> str:
    return f"[JSON Schema]({_SCHEMAS}{schema_file_name(message)})"


def _part(part: type[BaseModel]) -> str:
    return f"### {part.__name__}\n\n{_summary(part)}\n\n{_fields(part)}"


def _fields(model: type[BaseModel]) -> str:
    return table(("field", "type", "meaning"), fields(model))


def _link(message: type[Message]) -> str:
    return f"[{code(message.type_name)}](#{message.type_name.replace('.', '')})"


def _summary(model: type[BaseModel]) -> str:
    return inspect.cleandoc(model.__doc__ or "").splitlines()[0]
