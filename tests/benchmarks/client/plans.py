"""What the client is told to do, and what it tells: one JSON document each way.

All moments are `time.monotonic()`, which every process of a machine reads alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.benchmarks.system import AmqpDoor, HttpDoor


class Kind(StrEnum):
    """How it knocks."""

    CLOSED = "closed"
    """So many connections, each asks again as soon as it is answered."""
    OPEN = "open"
    """At constant intervals, however long the answers take."""
    ONE_BY_ONE = "one-by-one"
    """The next job when the last one is final."""
    COMMANDS = "commands"
    """Commands over AMQP, many at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One piece of work for a client."""

    kind: Kind
    http: HttpDoor | None = None
    amqp: AmqpDoor | None = None
    jobs: int = 0
    connections: int = 32
    rate: float = 0.0
    """Jobs a second, for `OPEN`."""
    probes: float = 0.0
    """So many of them a second are followed until they are final."""
    listen: bool = False
    """For `ONE_BY_ONE`: hear of the end over AMQP instead of looking over HTTP."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    began: float
    """The first request was sent."""
    ended: float
    """The last answer was there."""
    accepted: int
    """Jobs."""
    refused: int = 0
    complaint: str = ""
    """The first refusal."""
    accepting: Sequence[float] = field(default_factory=list)
    """Seconds from when a request was due to its answer, each."""
    finishing: Sequence[float] = field(default_factory=list)
    """Seconds from an answer to the job's end, of each job that was followed."""
    cpu: float = 0.0
    """Seconds that the client itself used."""
