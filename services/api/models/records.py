"""What else the api keeps: announced generators, wishes about them, and dead letters."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.events import Action


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
    paused: bool = False
    max_cost: Decimal | None = None
    """What one job can cost at a provider, in USD, at most; None: nothing."""


@dataclass(frozen=True, slots=True)
class ControlWish:
    """Somebody wants a generator (None: all of them) to pause or to go on."""

    action: Action
    generator: str | None
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be handled: what it was, where, and why.

    `size` are the bytes of its body, which lists leave out.
    """

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
    correlation_id: str
    headers: dict[str, Any] = field(repr=False)
    size: int
    body: bytes = field(repr=False)
    reply_to: str = ""
    sender: str = ""
    """The user of the broker who sent it, as far as RabbitMQ vouches for one."""
    replayed_at: datetime | None = None
    replays: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """Which dead letters: at most `limit`, with a `seq` between `after` and `before`.

    `replayed` None: those that were replayed as well as those that were not.
    """

    limit: int
    before: int | None = None
    after: int | None = None
    queue: str | None = None
    error_class: str | None = None
    error_code: str | None = None
    type: str | None = None
    received_before: datetime | None = None
    replayed: bool | None = False


@dataclass(frozen=True, slots=True)
class DeadLetterGroup:
    """How many dead letters have the same queue and the same reason."""

    queue: str
    error_class: str
    error_code: str
    count: int
    first_received_at: datetime
    last_received_at: datetime
