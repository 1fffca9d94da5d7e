"""What JSON has to be so that every part of Darkroom can keep it and hand it on unchanged.

Postgres' jsonb holds no U+0000, UTF-8 no lone surrogates, JSON no infinities; numbers past 64 bits
and bottomless nesting break readers further on.
"""

from collections.abc import Iterator
from math import isfinite
from typing import Any

import orjson

from shared.errors import FieldError

DEEPEST = 32
_LARGEST = 2**63


def looks_plain(value: Any, largest: int | None = None) -> bool:
    """Whether a glance shows that `value` breaks no rule; if not, look closer: `broken_rules`.

    What the encoder refuses (numbers past 53 bits, too), writes as null, or writes with so many
    brackets or more than `largest` bytes, is in doubt.
    """
    if value == {}:
        return True
    try:
        encoded = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except TypeError:
        return False
    if b"null" in encoded or b"\\u0000" in encoded or (largest and len(encoded) > largest):
        return False
    return encoded.count(b"{") + encoded.count(b"[") <= DEEPEST


def escape_pointer(part: object) -> str:
    """One reference token of a JSON Pointer (RFC 6901, section 3)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def broken_rules(value: Any, pointer: str, depth: int = 0) -> Iterator[FieldError]:
    """Everything in `value`, which stands at `pointer`, that cannot be kept."""
    if isinstance(value, str):
        if problem := _text_problem(value):
            yield FieldError(_printable(pointer), problem)
    elif isinstance(value, dict | list):
        yield from _broken_inside(value, pointer, depth)
    elif isinstance(value, float) and not isfinite(value):
        yield FieldError(pointer, "not a finite number")
    elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        yield FieldError(pointer, "a whole number of more than 64 bits")


def _broken_inside(value: Any, pointer: str, depth: int) -> Iterator[FieldError]:
    if depth >= DEEPEST:
        yield FieldError(pointer, f"nested more than {DEEPEST} levels deep")
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str) and (problem := _text_problem(key)):
            yield FieldError(_printable(pointer), f"a field's name: {problem}")
        yield from broken_rules(item, f"{pointer}/{escape_pointer(key)}", depth + 1)


def _text_problem(text: str) -> str | None:
    if "\x00" in text:
        return "contains the character U+0000"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "contains half of a surrogate pair"
    return None


def _printable(pointer: str) -> str:
    return pointer.replace("\x00", "\ufffd").encode(errors="replace").decode()
