"""One event as one listener heard it."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

FINAL_TYPES = frozenset(
    f"darkroom.media.{word}.v1" for word in ("ready", "failed", "canceled", "expired")
)
_BEGINNING = "darkroom.media.requested.v1"
_STAGES = {
    "darkroom.media.started.v1": 1,
    "darkroom.media.retrying.v1": 2,
    "darkroom.media.generation_failed.v1": 4,
    "darkroom.media.generation_canceled.v1": 5,
    "darkroom.media.needs_reconciliation.v1": 6,
}
"""Of an attempt, in the order of its life; wishes of people come when they come."""


@dataclass(frozen=True, slots=True)
class Word:
    """`said` is a hash of the whole event: the same id must always say the same."""

    id: str
    type: str
    job_id: str
    said: str
    place: tuple[int, int] | None = None
    """Attempt and stage; None: it has no fixed place in the life of its job."""

    @property
    def final(self) -> bool:
        return self.type in FINAL_TYPES

    @property
    def first(self) -> bool:
        return self.type == _BEGINNING

    @classmethod
    def read(cls, body: bytes | str) -> "Word":
        """A CloudEvent in JSON. Raises `ValueError`, `KeyError`."""
        event: dict[str, Any] = orjson.loads(body)
        said = orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
        return cls(
            id=event["id"],
            type=event["type"],
            job_id=event.get("subject") or "",
            said=hashlib.sha256(said).hexdigest()[:16],
            place=_place(event),
        )


def _place(event: dict[str, Any]) -> tuple[int, int] | None:
    stage = _STAGES.get(event["type"])
    attempt = event["data"].get("attempt")
    if stage is None or not isinstance(attempt, dict):
        return None
    return attempt["number"], stage
