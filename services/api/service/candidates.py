"""Requests between the doors and the database, and what their callers are answered.

Neighbours: `requests` writes them by group commit, `paying` those that cost money.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from uuid import UUID

from services.api.errors import (
    IdempotencyKeyInFlightError,
    IdempotencyKeyReusedError,
    MediaDeletedError,
)
from services.api.models import EarlierUse, NewRequest
from services.api.service.submission import Accepted
from shared.errors import DarkroomError
from shared.messaging.outgoing import Outgoing

Answer = Accepted | DarkroomError


@dataclass(frozen=True, slots=True)
class Candidate:
    """A request on its way in; a refused one may still be a replay of one that was accepted."""

    request: NewRequest
    refusal: DarkroomError | None


def answers_of(requests: Iterable[NewRequest], written: Container[UUID]) -> list[Outgoing]:
    """What is to be sent to whoever asked for those that were written."""
    return [one.answer for one in requests if one.answer is not None and one.job.id in written]


def replay(candidate: Candidate, earlier: EarlierUse | None) -> Answer:
    """What is answered to one that was not written; `earlier` is what its key was used for."""
    key = candidate.request.key
    if earlier is None or key is None:
        return candidate.refusal or IdempotencyKeyInFlightError()
    if earlier.fingerprint != key.fingerprint:
        return IdempotencyKeyReusedError()
    if earlier.job is None:
        return MediaDeletedError("The media request that this key was used for was deleted.")
    return Accepted(earlier.job.as_accepted(), replayed=True)
