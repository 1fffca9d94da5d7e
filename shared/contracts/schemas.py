"""JSON Schemas (2020-12) of whole messages: the CloudEvents envelope with the data of one type."""

from typing import Any

from pydantic.json_schema import models_json_schema

from shared.events import CloudEvent, Message
from shared.events.parts import JobMessage

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REQUIRED = ("specversion", "id", "source", "type", "time", "data")
"""What CloudEvents 1.0 asks of every event, and Darkroom beside it."""


def envelope_schema() -> dict[str, Any]:
    """What all messages have in common; `data` is open."""
    schema = CloudEvent.model_json_schema()
    del schema["$defs"]
    schema["properties"]["data"] = {"type": "object", "title": "Data"}
    return {"$schema": DIALECT, **schema, "required": list(REQUIRED)}


def message_schema(message: type[Message]) -> dict[str, Any]:
    """One self-contained schema for a message of this type."""
    schema = envelope_schema()
    narrowed = narrowing(message, "#/$defs/{model}")
    schema["properties"] |= narrowed["properties"]
    definitions = data_schemas([message], "#/$defs/{model}")
    return {
        **schema,
        "title": message.type_name,
        "description": (message.__doc__ or "").strip(),
        "required": narrowed["required"],
        "$defs": definitions,
    }


def narrowing(message: type[Message], ref_template: str) -> dict[str, Any]:
    """What a message of this type says more precisely than the envelope."""
    properties: dict[str, Any] = {
        "type": {"const": message.type_name},
        "data": {"$ref": ref_template.format(model=message.__name__)},
    }
    required = list(REQUIRED)
    if issubclass(message, JobMessage):
        properties["subject"] = {
            "type": "string",
            "format": "uuid",
            "description": "The job's id, as in `data.job_id`.",
        }
        required.append("subject")
    return {"type": "object", "properties": properties, "required": required}


def data_schemas(messages: list[type[Message]], ref_template: str) -> dict[str, Any]:
    """The schemas of the data of these messages and of all their parts, by name."""
    _, document = models_json_schema(
        [(message, "validation") for message in messages], ref_template=ref_template
    )
    definitions: dict[str, Any] = document["$defs"]
    return definitions


def schema_file_name(message: type[Message]) -> str:
    """`darkroom.media.ready.v1` > `media.ready.v1.json`."""
    return f"{message.type_name.removeprefix('darkroom.')}.json"
