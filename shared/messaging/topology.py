"""Every name on the broker, in one place (DESIGN: Broker contract).

Queues are durable quorum queues declared with that one argument; limits and dead-lettering are
policies, so that ops can change them. `darkroom topology check` compares this with a live broker.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shared.events import Lane

DEFAULT = ""
"""The default exchange: the routing key is the name of a queue."""
EVENTS = "media.events"
COMMANDS = "media.commands"
LIVE = "media.live"
DEAD = "media.dead"

API_PROGRESS = "api.progress"
API_COMMANDS = "api.commands"
GENERATOR_CONTROL = "generator.control"
NOTIFIER_OUTCOMES = "notifier.outcomes"
DEAD_LETTERS = "dead-letters"

_OVERFLOW = ".overflow"
"""What the queue's name and the routing key end with where a tenant has more than its share."""

QUORUM = {"x-queue-type": "quorum"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A durable topic exchange and what it carries."""

    name: str
    carries: str
    kind: str = "topic"


@dataclass(frozen=True, slots=True)
class Binding:
    """`pattern` of `exchange` goes to the queue that holds this binding."""

    exchange: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable quorum queue, its bindings, and the service that consumes it."""

    name: str
    consumer: str
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A RabbitMQ policy: `definition` for every queue whose name matches `pattern`."""

    name: str
    pattern: str
    definition: dict[str, Any] = field(default_factory=dict)
    priority: int = 10


EXCHANGES = (
    Exchange(EVENTS, "every event"),
    Exchange(COMMANDS, "requests of other services, and control"),
    Exchange(LIVE, "progress and other news that may be lost"),
    Exchange(DEAD, "dead letters, by policy or published with the reason"),
)

API_QUEUES = (
    Queue(
        API_PROGRESS,
        "api",
        tuple(
            Binding(EVENTS, pattern)
            for pattern in (
                "media.started.#",
                "media.retrying.#",
                "media.needs_reconciliation.#",
                "media.generation_failed.#",
                "media.generation_canceled.#",
                "media.cost_settled.#",
                "media.ready.#",
                "media.failed.#",
                "media.canceled.#",
                "media.expired.#",
                "generator.announced.#",
            )
        ),
    ),
    Queue(
        API_COMMANDS,
        "api",
        (Binding(COMMANDS, "media.request.#"), Binding(COMMANDS, "media.cancel.#")),
    ),
    Queue(DEAD_LETTERS, "api", (Binding(DEAD, "#"),)),
)

GENERATOR_QUEUES = (
    Queue(
        GENERATOR_CONTROL,
        "generator",
        (
            Binding(EVENTS, "media.cancel_requested.#"),
            Binding(EVENTS, "media.deadline_passed.#"),
            Binding(EVENTS, "media.reconciled.#"),
            Binding(EVENTS, "media.deleted.#"),
            Binding(COMMANDS, "media.control.#"),
        ),
    ),
)

NOTIFIER_QUEUES = (
    Queue(
        NOTIFIER_OUTCOMES,
        "notifier",
        tuple(
            Binding(EVENTS, pattern)
            for pattern in (
                "media.generated.#",
                "media.generation_failed.#",
                "media.generation_canceled.#",
                "media.cancel_requested.#",
                "media.deadline_passed.#",
                "media.deadline_met.#",
                "media.deleted.#",
            )
        ),
    ),
)

DELIVERY_LIMIT = 20
"""What came back so often is a dead letter: it is believed to kill its consumer.

Up to RabbitMQ 4.2 every return counts, from 4.3 on those of a consumer that went away. An innocent
message comes back when its process is killed or loses its connection in the few milliseconds
between delivery and ack, or once while the database is away: then nothing more is taken, and a
process that starts meanwhile takes nothing at all. Twenty times is out of its reach, also in a
crash loop: what has come back twice is handled by itself (`suspects`).
"""
NO_LIMIT = 1_000_000_000
"""RabbitMQ 4 drops what came back twenty times where no policy says otherwise."""

POLICIES = (
    Policy(
        "darkroom-work",
        r"^(generator\.|api\.|notifier\.)",
        {
            "dead-letter-exchange": DEAD,
            "dead-letter-strategy": "at-least-once",
            "overflow": "reject-publish",
            "delivery-limit": DELIVERY_LIMIT,
        },
    ),
    Policy("darkroom-dead-letters", f"^{DEAD_LETTERS}$", {"delivery-limit": NO_LIMIT}),
)


RETIRED = {API_PROGRESS: (Binding(EVENTS, "media.generated.#"),)}
"""Bindings that queues once had. They are undone by whoever declares; one that stays does no harm.

`media.ready` says all that `media.generated` does, a moment later.
"""


def live_queue(instance: object) -> str:
    """Where one api process hears news that may be lost: no quorum queue, gone when unused."""
    return f"live.api.{instance}"


def work_queue(generator: str, lane: Lane, *, overflow: bool = False) -> Queue:
    """The backlog of one generator in one lane, or what tenants have in it beyond their share."""
    rest = f"{generator}.{lane.value}{_OVERFLOW if overflow else ''}"
    return Queue(f"generator.{rest}", "generator", (Binding(EVENTS, f"media.requested.{rest}"),))


def work_queues(generators: Iterable[str]) -> tuple[Queue, ...]:
    """Both lanes of every generator, each with its overflow."""
    return tuple(
        work_queue(name, lane, overflow=overflow)
        for name in sorted(generators)
        for lane in Lane
        for overflow in (False, True)
    )


def overflow_key(routing_key: str) -> str:
    """Where a request goes whose tenant has its share of the queue."""
    return routing_key + _OVERFLOW


def spared_key(routing_key: str) -> str | None:
    """Where it would have gone otherwise; None for all other messages."""
    return routing_key.removesuffix(_OVERFLOW) if routing_key.endswith(_OVERFLOW) else None


def all_queues(generators: Iterable[str]) -> tuple[Queue, ...]:
    """The whole system's queues, given the generators' names."""
    return API_QUEUES + GENERATOR_QUEUES + NOTIFIER_QUEUES + work_queues(generators)
