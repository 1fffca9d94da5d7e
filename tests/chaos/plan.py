"""Which faults hit what, when and for how long: decided by the seed before anything starts.

Kinds are dealt like cards: each comes once before any comes again. `injecting` carries them out.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.chaos.options import LEASE_SECONDS, Options

ALL = "all"
MOST_JOBS_A_SECOND = 12.0
_OVERLAPPING = 0.33
_SOON = 1.2
_FIRST_AT = 3.0


class Kind(StrEnum):
    """A way to break something."""

    KILL = "service killed (kill -9)"
    KILL_CHILD = "generator's child killed (kill -9)"
    STOP = "service told to stop (SIGTERM)"
    PAUSE = "service paused (SIGSTOP)"
    PAUSE_PAST_LEASE = "generator paused beyond its lease"
    KILL_RABBITMQ = "RabbitMQ killed (kill -9)"
    KILL_POSTGRES = "Postgres killed (kill -9)"
    CUT_BROKER = "connections to RabbitMQ cut"
    CUT_DATABASE = "connections to Postgres cut"
    STALL_BROKER = "network to RabbitMQ frozen"
    STALL_DATABASE = "network to Postgres frozen"
    REFUSE_BROKER = "RabbitMQ out of reach"
    REFUSE_DATABASE = "Postgres out of reach"
    DUPLICATES = "old messages published again"
    REORDERED = "old messages published again, shuffled"
    FULL_DISK = "the store's disk full"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `at` and `seconds` count from the beginning of the load."""

    number: int
    at: float
    kind: Kind
    target: str
    seconds: float = 0.0

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.kind.value}: {self.target}{lasting}"


@dataclass(frozen=True, slots=True)
class _Card:
    """A kind with a group of targets. `usually`: how long its damage takes, for spacing."""

    kind: Kind
    targets: tuple[str, ...]
    seconds: tuple[float, float] = (0.0, 0.0)
    usually: float = 0.0


def fault_plan(options: Options) -> list[Fault]:
    """The faults in the order of their time; the same for the same options."""
    chance = random.Random(f"faults-{options.seed}")
    faults, at = [], _FIRST_AT
    for number, card in zip(range(1, options.faults + 1), _deal(chance, options), strict=False):
        seconds = round(chance.uniform(*card.seconds), 1)
        faults.append(Fault(number, round(at, 2), card.kind, chance.choice(card.targets), seconds))
        overlapping = chance.random() < _OVERLAPPING
        gap = chance.uniform(0.2, _SOON) if overlapping else chance.uniform(1.5, 4.0)
        at += gap if overlapping else gap + max(seconds, card.usually)
    return _spread(faults, options.jobs / MOST_JOBS_A_SECOND)


def load_seconds(faults: Sequence[Fault], jobs: int) -> float:
    """How long orders come in: from before the first fault until after the last."""
    last = max((fault.at + fault.seconds for fault in faults), default=0.0)
    return max(last + 2.0, jobs / MOST_JOBS_A_SECOND)


def _spread(faults: list[Fault], least: float) -> list[Fault]:
    """Over the whole time that so many orders take; what is to overlap still does."""
    gaps = [after.at - before.at for before, after in itertools.pairwise(faults)]
    missing = least - (faults[-1].at + 5.0) if faults else 0.0
    if missing <= 0 or not any(gap > _SOON for gap in gaps):
        return faults
    stretch = 1 + missing / sum(gap for gap in gaps if gap > _SOON)
    at, spread = faults[0].at, [faults[0]]
    for fault, gap in zip(faults[1:], gaps, strict=True):
        at += gap * stretch if gap > _SOON else gap
        spread.append(replace(fault, at=round(at, 2)))
    return spread


def _deal(chance: random.Random, options: Options) -> Iterator[_Card]:
    deck = _deck(options)
    while True:
        yield from chance.sample(deck, len(deck))


def _deck(options: Options) -> list[_Card]:
    names = {
        service: tuple(f"{service}-{number}" for number in range(1, count + 1))
        for service, count in options.replicas.items()
    }
    everyone = tuple(name for group in names.values() for name in group)
    # "all" as often as one of them, twice over
    networks = everyone + (ALL,) * (len(everyone) // 2)
    nodes = tuple(f"rabbitmq-{n}" for n in range(1, options.nodes + 1))
    lease = LEASE_SECONDS
    return [
        *(_Card(Kind.KILL, group, usually=3) for group in names.values()),
        _Card(Kind.KILL_CHILD, names["generator"]),
        _Card(Kind.STOP, everyone, usually=4),
        _Card(Kind.PAUSE, everyone, (0.5, 3)),
        _Card(Kind.PAUSE_PAST_LEASE, names["generator"], (lease + 1.5, lease + 4)),
        _Card(Kind.KILL_RABBITMQ, nodes, usually=9),
        _Card(Kind.KILL_POSTGRES, ("postgres",), usually=3),
        _Card(Kind.CUT_BROKER, networks, usually=1),
        _Card(Kind.CUT_DATABASE, networks, usually=1),
        _Card(Kind.STALL_BROKER, networks, (2, 8)),
        _Card(Kind.STALL_DATABASE, networks, (2, 8)),
        _Card(Kind.REFUSE_BROKER, networks, (1, 5)),
        _Card(Kind.REFUSE_DATABASE, networks, (1, 5)),
        _Card(Kind.DUPLICATES, ("wire",)),
        _Card(Kind.REORDERED, ("wire",)),
        _Card(Kind.FULL_DISK, ("store",), (1, 4)),
    ]
