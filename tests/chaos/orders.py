"""What is ordered, by which door and when: decided by the seed before anything starts.

Every order says how its job may end, so that a job that ends otherwise is found.
"""

import random
import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from tests.chaos.options import Options

Json = dict[str, Any]

NAMESPACE = uuid.UUID("6f1d4c58-7c1f-4d0a-9a53-6b0c6d6f7a11")

SURROUNDINGS = frozenset(
    {
        "worker_lost",
        "child_died",
        "child_unavailable",
        "storage_unavailable",
        "no_room",
        "timed_out",
        "unavailable",
    }
)
"""Why a job may fail through no fault of its own, once its attempts are used up."""

NOWHERE = "http://127.0.0.1:9/hooks"
_CALLED_BACK = 0.1


class Door(StrEnum):
    """How an order comes in."""

    HTTP = "POST /v1/media"
    BATCH = "POST /v1/media/batch"
    COMMAND = "RequestMedia"


@dataclass(frozen=True, slots=True)
class Order:
    """One thing that is asked for; `at` counts from the beginning of the load."""

    id: str
    at: float
    door: Door
    spec: Json
    group: str = ""
    """Orders of one batch share it."""
    twice: bool = False
    cancel_after: float | None = None
    cancel_by: Door = Door.HTTP
    failures: frozenset[str] = field(default=SURROUNDINGS)
    valid: bool = True

    @property
    def key(self) -> str:
        """The idempotency key, or the id of the command."""
        return str(uuid.uuid5(NAMESPACE, self.id))

    @property
    def called_back(self) -> bool:
        """Whether it names an address that is to hear how it ends."""
        return "webhook" in self.spec

    @property
    def may_end(self) -> frozenset[str]:
        """The final states that this order explains."""
        states = {"ready", "failed"}
        if self.cancel_after is not None:
            states.add("canceled")
        if "deadline_seconds" in self.spec or "total_timeout_seconds" in self.spec:
            states.add("expired")
        return frozenset(states)


def order_plan(options: Options, seconds: float, hook: str = NOWHERE) -> list[Order]:
    """The orders in the order of their time; the same for the same options.

    `hook` is the address that some of them name, to be called back.
    """
    chance = random.Random(f"orders-{options.seed}")
    orders: list[Order] = []
    while len(orders) < options.jobs:
        at = round(chance.uniform(0, seconds), 3)
        door = chance.choices(list(Door), weights=(60, 4, 28))[0]
        left = options.jobs - len(orders)
        size = min(chance.randint(4, 20), left) if door is Door.BATCH else 1
        group = f"b{len(orders):05}" if door is Door.BATCH else ""
        names = [f"{options.seed}-{len(orders) + place:05}" for place in range(size)]
        made = [_order(chance, name, at, door, group) for name in names]
        for order in made:
            if chance.random() < _CALLED_BACK:
                order.spec["webhook"] = {"url": hook}
        orders += [replace(order, twice=made[0].twice) for order in made]
    return sorted(orders, key=lambda order: (order.at, order.id))


def _order(chance: random.Random, name: str, at: float, door: Door, group: str) -> Order:
    spec, failures = _wanted(chance, name)
    spec |= {"metadata": {"order": name}, "priority": chance.choice(("interactive", "batch"))}
    if chance.random() < 0.05:
        spec["metadata"]["note"] = "one line\u2028another\u0085a third"
    if chance.random() < 0.03:
        spec["deadline_seconds"] = chance.randint(1, 3)
    if chance.random() < 0.02:
        spec["total_timeout_seconds"] = chance.randint(2, 6)
    if chance.random() < 0.03:
        spec["max_attempts"] = 1
    valid = door is not Door.COMMAND or chance.random() >= 0.03
    if not valid:
        spec["input"] = {"nonsense": True}
    return Order(
        id=name,
        at=at,
        door=door,
        spec=spec,
        group=group,
        twice=chance.random() < 0.12,
        cancel_after=round(chance.uniform(0, 2), 2) if valid and chance.random() < 0.05 else None,
        cancel_by=chance.choice((Door.HTTP, Door.COMMAND)),
        failures=failures,
        valid=valid,
    )


def _wanted(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    """A generator and its input, and the codes with which it may fail."""
    make = chance.choices(
        (_noop, _transient, _permanent, _crashing, _hanging, _slow, _doubtful, *MEDIA),
        weights=(70, 7, 3, 2, 2, 4, 4, 2, 2, 1.5, 1, 0.6, 0.5, 0.4),
    )[0]
    return make(chance, name)


def _noop(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    size = chance.choice((None, None, None, 20_000))
    text = {"payload": f"order {name} "} | ({"size": size} if size else {})
    return {"generator": "noop", "input": text}, SURROUNDINGS


def _flaky(chance: random.Random, *codes: str, **input: Any) -> tuple[Json, frozenset[str]]:
    input["seed"] = chance.randrange(2**32)
    return {"generator": "flaky", "input": input}, SURROUNDINGS | set(codes)


def _transient(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    return _flaky(chance, "flaky_transient", transient_rate=0.5, delay_seconds=0.1)


def _permanent(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    return _flaky(chance, "flaky_permanent", permanent_rate=0.5)


def _crashing(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    return _flaky(chance, crash=True, only_first=chance.randint(1, 2))


def _hanging(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    spec, codes = _flaky(chance, hang=True, only_first=1)
    return spec | {"attempt_timeout_seconds": 2}, codes


def _slow(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    return _flaky(chance, delay_seconds=round(chance.uniform(0.5, 4), 1))


def _doubtful(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    """A provider makes it, whose answers are lost now and then; it is known there by its name."""
    codes = {"outcome_unknown", "provider_unavailable", "provider_resting"}
    return {"generator": "openai-images", "input": {"prompt": name}}, SURROUNDINGS | codes


def _card(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    return {"generator": "card", "input": {"title": f"Order {name}"}}, SURROUNDINGS


def _art(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    size = {"width": 320, "height": 200, "seed": chance.randrange(2**32)}
    style = chance.choice(("flow", "warp", "mesh"))
    return {"generator": "art", "input": size | {"style": style}}, SURROUNDINGS


def _chart(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    values = [chance.randint(1, 100) for _ in range(4)]
    data = {"labels": list("abcd"), "series": [{"name": "Jobs", "values": values}]}
    return {
        "generator": "chart",
        "input": {"kind": "bar", "title": f"Order {name}", "width": 640, "height": 400} | data,
    }, SURROUNDINGS


def _document(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    letter = {
        "sender": {"name": "Northwind"},
        "recipient": {"name": "Contoso"},
        "date": "2026-03-02",
        "subject": f"Order {name}",
        "paragraphs": ["It is on its way."],
    }
    return {"generator": "document", "input": {"kind": "letter", "letter": letter}}, SURROUNDINGS


def _speech(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    text = f"Order {chance.randint(1, 999)}."
    return {"generator": "speech", "input": {"text": text, "captions": "vtt"}}, SURROUNDINGS


def _music(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    mood = chance.choice(("calm", "lofi", "epic"))
    return {"generator": "music", "input": {"mood": mood, "seconds": 5}}, SURROUNDINGS


def _video(chance: random.Random, name: str) -> tuple[Json, frozenset[str]]:
    scene = {"title": f"Order {name}", "seconds": 1}
    return {
        "generator": "video",
        "input": {"scenes": [scene], "resolution": "360p", "fps": 24, "captions": "none"},
    }, SURROUNDINGS


MEDIA = (_card, _art, _chart, _document, _speech, _music, _video)
"""Real generators, the dearer the rarer: small pictures, short sounds."""
