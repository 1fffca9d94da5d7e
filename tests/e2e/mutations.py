"""Messages as they should not be: made by hypothesis from every example of the contract."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from shared.messaging import topology

EXAMPLES = {
    path.stem: json.loads(path.read_text())
    for path in sorted((Path(__file__).parents[1] / "contract/examples").glob("*.json"))
}
QUEUES = (
    topology.API_PROGRESS,
    topology.API_COMMANDS,
    topology.GENERATOR_CONTROL,
    topology.NOTIFIER_OUTCOMES,
    "generator.noop.interactive",
    "generator.noop.batch",
)
QUEUES_OF = {
    "media.request": (topology.API_COMMANDS,),
    "media.cancel": (topology.API_COMMANDS,),
    "media.requested": ("generator.noop.interactive", "generator.noop.batch"),
    "media.control": (topology.GENERATOR_CONTROL,),
    "media.cancel_requested": (topology.GENERATOR_CONTROL, topology.NOTIFIER_OUTCOMES),
    "media.deadline_passed": (topology.GENERATOR_CONTROL, topology.NOTIFIER_OUTCOMES),
    "media.deadline_met": (topology.NOTIFIER_OUTCOMES,),
    "media.generated": (topology.NOTIFIER_OUTCOMES, topology.API_PROGRESS),
    "media.generation_failed": (topology.NOTIFIER_OUTCOMES, topology.API_PROGRESS),
    "media.generation_canceled": (topology.NOTIFIER_OUTCOMES, topology.API_PROGRESS),
}
OVERSIZED = 4 * 1024 * 1024 + 1

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One message, and the queue that it is put into."""

    queue: str
    body: bytes
    properties: dict[str, Any] = field(default_factory=dict)


def mutants(count: int, number: int) -> list[Mutant]:
    """About so many, always the same ones for the same `number`; like ones are left out."""
    made: list[Mutant] = []

    @seed(number)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.builds(_put, bodies(), st.sampled_from(QUEUES), st.booleans(), properties()))
    def collect(mutant: Mutant) -> None:
        made.append(mutant)

    collect()
    return _distinct([*(Mutant(queue, b" " * OVERSIZED) for queue in QUEUES), *made])


def _distinct(made: list[Mutant]) -> list[Mutant]:
    """Without those that are, by their ids, the same message once more."""
    known: set[tuple[str, bytes, bytes]] = set()
    kept = []
    for mutant in made:
        identity = mutant.queue, mutant.body, mutant.properties.get("message_id", b"")
        if not identity[2] or identity not in known:
            kept.append(mutant)
        known.add(identity)
    return kept


def bodies() -> st.SearchStrategy[bytes]:
    """Broken bytes, broken documents, and now and then one that is not broken at all."""
    whole = st.sampled_from([_bytes(example) for example in _examples()])
    return st.one_of(
        whole,
        st.builds(_truncated, whole, st.floats(0, 0.999)),
        st.builds(_flipped, whole, st.lists(st.tuples(_SHARE, st.integers(0, 255)), min_size=1)),
        st.builds(_replaced, _document(), st.integers(0), _STRANGE),
        st.builds(_dropped, _document(), st.integers(0)),
        st.builds(_extended, _document(), st.dictionaries(st.text(), _JSON, min_size=1)),
        st.builds(_enveloped, _document(), _ENVELOPES),
        st.binary(max_size=2_000),
        st.builds(lambda depth: b'{"type":' + b"[" * depth, st.integers(1, 5_000)),
    )


def properties() -> st.SearchStrategy[dict[str, Any]]:
    """What an AMQP client may put beside a body; most put nothing odd there."""
    odd: dict[str, st.SearchStrategy[Any]] = {
        "content_type": st.sampled_from(["text/html", "", "application/json; charset=klingon"]),
        "content_encoding": st.sampled_from(["gzip", "klingon"]),
        "message_id": st.binary(max_size=200),
        "correlation_id": st.binary(max_size=200),
        "type": st.binary(max_size=200),
        "app_id": st.binary(max_size=200),
        "reply_to": st.binary(min_size=1, max_size=200),
        "timestamp": st.integers(0, 2**64 - 1),
        "priority": st.integers(0, 255),
        "headers": st.dictionaries(st.text(max_size=50), _HEADER, max_size=5),
    }
    return st.one_of(st.just({}), st.fixed_dictionaries({}, optional=odd))


_SHARE = st.floats(0, 0.999)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_STRANGE = st.one_of(
    _JSON,
    st.sampled_from([10**400, -(10**400), 1e308, float("nan"), float("inf"), 2**63, -1, 0]),
    st.sampled_from(["", "\x00", "a\x00b", "\ud800", "\U0010ffff" * 50, "x" * 100_000]),
    st.sampled_from(["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "yesterday"]),
)
_HEADER = st.one_of(
    st.text(max_size=50),
    st.binary(max_size=50),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.none(),
    st.lists(st.text(max_size=10), max_size=3),
)
_ENVELOPES = st.sampled_from(
    [
        {"type": "darkroom.media.ready.v99"},
        {"type": "darkroom.nonsense.v1"},
        {"type": None},
        {"type": ["darkroom.media.ready.v1"]},
        {"specversion": "2.0"},
        {"data": None},
        {"data": []},
        {"data": "a string"},
        {"time": "yesterday"},
        {"id": ""},
        {"id": "x" * 300},
        {"tenant": "a tenant with spaces"},
        {"datacontenttype": "text/xml"},
    ]
)


def _examples() -> Iterator[dict[str, Any]]:
    """Those of the contract, and a request for what this stack makes."""
    yield from EXAMPLES.values()
    requested = copy.deepcopy(EXAMPLES["media.requested.v1"])
    requested["data"] |= {"generator": "noop", "input": {}}
    yield requested


def _put(body: bytes, queue: str, well: bool, properties: dict[str, Any]) -> Mutant:
    """Into any queue, or `well`: into one where messages of that name belong."""
    name = re.search(rb'"darkroom\.([a-z_.]+)\.v', body)
    fitting = QUEUES_OF.get(name[1].decode()) if well and name else None
    chosen = fitting[len(body) % len(fitting)] if fitting else queue
    return Mutant(chosen, body, properties)


def _document() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(list(_examples()))


def _bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


def _truncated(body: bytes, share: float) -> bytes:
    return body[: int(len(body) * share)]


def _flipped(body: bytes, changes: list[tuple[float, int]]) -> bytes:
    changed = bytearray(body)
    for share, value in changes:
        changed[int(len(changed) * share)] = value
    return bytes(changed)


def _replaced(document: dict[str, Any], which: int, value: Any) -> bytes:
    changed, places = copy.deepcopy(document), list(_places(document))
    place = places[which % len(places)]
    _parent(changed, place)[place[-1]] = value
    return _bytes(changed)


def _dropped(document: dict[str, Any], which: int) -> bytes:
    changed, places = copy.deepcopy(document), list(_places(document))
    place = places[which % len(places)]
    del _parent(changed, place)[place[-1]]
    return _bytes(changed)


def _extended(document: dict[str, Any], more: dict[str, Any]) -> bytes:
    return _bytes({**document, **more, "data": {**document["data"], **more}})


def _enveloped(document: dict[str, Any], changes: dict[str, Any]) -> bytes:
    return _bytes({**document, **changes})


def _places(value: Any, here: Place = ()) -> Iterator[Place]:
    """The place of every value within, as one follows keys and indexes to it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in inside:
        yield (*here, key)
        if isinstance(inner, dict | list):
            yield from _places(inner, (*here, key))


def _parent(document: Any, place: Place) -> Any:
    for key in place[:-1]:
        document = document[key]
    return document
