"""What the api's database in memory holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.api.models import (
    AnnouncedGenerator,
    ApiKey,
    Budget,
    Charge,
    ControlWish,
    DeadLetter,
    Job,
    Tombstone,
    Upload,
)
from services.api.models.limits import Policy
from services.api.repository.projection import LoggedEvent
from shared.events import CloudEvent
from shared.messaging.outgoing import Outgoing


@dataclass
class Tables:
    """What is stored."""

    jobs: dict[UUID, Job] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, UUID, datetime]] = field(default_factory=dict)
    log: dict[str, LoggedEvent] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    """Where in the log which event stands or stood, once somebody has looked."""
    floors: dict[str, int] = field(default_factory=dict)
    outbox: list[CloudEvent] = field(default_factory=list)
    answers: list[Outgoing] = field(default_factory=list)
    budgets: dict[str, Budget] = field(default_factory=dict)
    reservations: dict[UUID, tuple[str, Decimal]] = field(default_factory=dict)
    spending: dict[tuple[UUID, int], Charge] = field(default_factory=dict)
    generators: dict[str, AnnouncedGenerator] = field(default_factory=dict)
    said_of_limits: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    rates: dict[tuple[str, Policy], tuple[float, datetime]] = field(default_factory=dict)
    api_keys: dict[UUID, ApiKey] = field(default_factory=dict)
    uploads: dict[UUID, Upload] = field(default_factory=dict)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    overflow: set[UUID] = field(default_factory=set)
    overdue: set[UUID] = field(default_factory=set)
    overtime: dict[UUID, datetime] = field(default_factory=dict)
    tombstones: dict[UUID, Tombstone] = field(default_factory=dict)
    owner: UUID | None = None
    collected_at: datetime | None = None
    wishes: list[ControlWish] = field(default_factory=list)

    def number_log(self) -> None:
        """Give every line its place, which it keeps."""
        for name in self.log:
            self.places.setdefault(name, len(self.places) + 1)
