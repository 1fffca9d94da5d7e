"""Conditional and partial answers (RFC 9110, sections 13 and 14)."""

import re
from collections.abc import Mapping

from services.api.errors import RangeNotSatisfiableError

_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$", re.IGNORECASE)
_TAG = re.compile(r'(?:W/)?"[^"]*"')


def is_unchanged(headers: Mapping[str, str], etag: str) -> bool:
    """Whether If-None-Match says that the client has it."""
    said = headers.get("if-none-match")
    if said is None:
        return False
    return said.strip() == "*" or etag in (tag.removeprefix("W/") for tag in _TAG.findall(said))


def wanted_range(headers: Mapping[str, str], size: int, etag: str) -> tuple[int, int] | None:
    """The bytes `[start, end)` that are asked for; None: all.

    Several ranges, other units and what cannot be read are ignored, as the standard allows.
    Raises `RangeNotSatisfiableError`.
    """
    found = _RANGE.match(headers.get("range", "").replace(" ", ""))
    if found is None or headers.get("if-range", etag) != etag or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise RangeNotSatisfiableError(f"It has {size} bytes.", extra={"size": size})
    return start, end
