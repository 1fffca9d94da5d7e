"""Time and identity, passed in wherever they are needed, so that tests can hold them still."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import orjson
import uuid_utils

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://darkroom.dev/events")
"""The namespace of every deterministic id (RFC 9562, UUIDv5)."""


class Clock(Protocol):
    """Says what time it is, always UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


NewId = Callable[[], uuid.UUID]


def uuid7() -> uuid.UUID:
    """A new time-ordered id (RFC 9562, UUIDv7)."""
    return _uuid(uuid_utils.uuid7().int)


def derived_id(*parts: object) -> uuid.UUID:
    """The UUIDv5 of the parts: the same parts give the same id, for ever."""
    return _uuid(uuid_utils.uuid5(_NAMESPACE, ":".join(map(str, parts))).int)


def derived_name(*parts: object) -> str:
    """The same as a text."""
    return str(uuid_utils.uuid5(_NAMESPACE, ":".join(map(str, parts))))


def id_text(id: uuid.UUID) -> str:
    """The same as `str(id)`, for a third of it."""
    return orjson.dumps(id, default=str)[1:-1].decode()


def _uuid(number: int) -> uuid.UUID:
    """Of 128 bits that need no checks: a third of what `uuid.UUID(int=…)` takes."""
    made = object.__new__(uuid.UUID)
    _put(made, "int", number)
    _put(made, "is_safe", uuid.SafeUUID.unknown)
    return made


_put = object.__setattr__  # UUIDs are immutable
_NAMESPACE = uuid_utils.UUID(bytes=NAMESPACE.bytes)
