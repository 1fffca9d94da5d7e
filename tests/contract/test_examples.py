"""Messages of the past parse for ever, and the published schemas are true of them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.contracts import envelope_schema, message_schema
from shared.events import CATALOG, COMMANDS, Message, decode, encode
from tests.contract.examples import EXAMPLES, example_path

PATHS = sorted(EXAMPLES.glob("*.json"))
EVENT_PATHS = [path for path in PATHS if path not in {example_path(c) for c in COMMANDS}]


@pytest.mark.parametrize("message", CATALOG.values(), ids=lambda message: message.__name__)
def test_every_type_has_an_example(message: type[Message]) -> None:
    assert example_path(message).is_file()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_old_message_parses_and_loses_nothing(path: Path) -> None:
    old = json.loads(path.read_text())
    again = json.loads(encode(decode(path.read_bytes())))
    assert _holds(again, old)


@pytest.mark.parametrize("path", EVENT_PATHS, ids=lambda path: path.stem)
def test_what_a_later_version_adds_is_ignored(path: Path) -> None:
    newer = json.loads(path.read_text())
    newer["data"]["added_later"] = newer["addedlater"] = True
    assert decode(json.dumps(newer).encode()) == decode(path.read_bytes())


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_published_schemas_accept_it(path: Path) -> None:
    example = json.loads(path.read_text())
    for schema in (envelope_schema(), message_schema(CATALOG[example["type"]])):
        jsonschema.Draft202012Validator(schema).validate(example)


def test_a_published_schema_refuses_what_the_code_refuses() -> None:
    path = EXAMPLES / "media.request.v1.json"
    request = json.loads(path.read_text())
    request["data"]["priority"] = "at once"
    schema = message_schema(CATALOG[request["type"]])
    with pytest.raises(jsonschema.ValidationError, match="at once"):
        jsonschema.Draft202012Validator(schema).validate(request)


def _holds(later: Any, earlier: Any) -> bool:
    """Whether all that stands in `earlier` stands in `later` too."""
    if isinstance(earlier, dict):
        return all(name in later and _holds(later[name], earlier[name]) for name in earlier)
    return bool(later == earlier)
