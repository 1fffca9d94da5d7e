"""What else the api keeps: announced generators and dead letters."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AnnouncedGenerator:
    """A generator that can be asked for."""

    name: str
    version: str
    description: str
    input_schema: dict[str, Any]
    media_types: tuple[str, ...]
    example: dict[str, Any]
    announced_at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be handled: what it was, where, and why."""

    id: UUID
    received_at: datetime
    queue: str
    error_class: str
    error_code: str
    error_message: str
    stack: str
    message_id: str
    type: str
    exchange: str
    routing_key: str
    content_type: str
    headers: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)
    seq: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """Which dead letters to list, newest first; `before` is the `seq` where the last page ended."""

    limit: int
    before: int | None = None
    queue: str | None = None
    error_code: str | None = None
