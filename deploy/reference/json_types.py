"""The fields of a pydantic model in words, read from its JSON Schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from deploy.reference.markdown import code

Schema = Mapping[str, Any]


def fields(model: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    """Name, type and meaning of each field; required ones are marked."""
    schema = model.model_json_schema(mode="validation")
    for name, field in schema.get("properties", {}).items():
        needed = ", required" if name in schema.get("required", ()) else ""
        yield code(name), words(field) + needed, field.get("description", "")


def words(field: Schema) -> str:
    """The type of one field: `string (uuid)`, `list of Asset`, `integer or null`."""
    if reference := field.get("$ref"):
        return str(reference).rsplit("/", maxsplit=1)[-1]
    if branches := field.get("anyOf"):
        return " or ".join(words(branch) for branch in branches)
    if "const" in field:
        return f'"{field["const"]}"'
    if "enum" in field:
        return ", ".join(f'"{value}"' for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {words(field.get('items', {}))}"
    kind = str(field.get("type", "anything"))
    return f"{kind} ({field['format']})" if "format" in field else kind
