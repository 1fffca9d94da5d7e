"""JSON on its way into a jsonb column: text that the statement casts. The engine decodes it."""

import re

import orjson

_ESCAPES = re.compile(r"\\\\|\\u0000")


def to_jsonb(value: object) -> str:
    """The value as JSON text; jsonb cannot hold U+0000, so U+FFFD stands in its place."""
    return without_nul(orjson.dumps(value).decode())


def to_jsonb_or_null(value: object | None) -> str | None:
    """The same for what may be absent: SQL's NULL, not JSON's."""
    return None if value is None else to_jsonb(value)


def without_nul(json: str) -> str:
    """The JSON text with U+FFFD for every U+0000."""
    if "\\u0000" not in json:
        return json
    return _ESCAPES.sub(lambda found: found[0] if found[0] == r"\\" else r"\ufffd", json)
