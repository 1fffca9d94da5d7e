"""Which backends may be asked, in which order: the cheapest first, none past the cap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from services.generator.generators.remote.backend import Backend
from services.generator.generators.remote.errors import NoRoomError
from services.generator.generators.remote.settings import BackendSettings
from shared.errors import DarkroomError, InvalidInputError, RateLimitedError, RetryableError

SettingsT = TypeVar("SettingsT", bound=BackendSettings)


@dataclass(frozen=True, slots=True)
class Offer(Generic[SettingsT]):
    """A backend that can make it; `cost` is what it can cost at most, in USD, None: nothing."""

    backend: Backend[SettingsT]
    cost: float | None = None


def affordable(
    offers: Iterable[Offer[SettingsT]], wanted: float | None, allowed: float | None
) -> list[Offer[SettingsT]]:
    """The cheapest first; `wanted` caps the job, `allowed` every job.

    Raises `InvalidInputError` when all are too dear.
    """
    ranked = sorted(offers, key=lambda offer: offer.cost or 0)
    caps = [cap for cap in (wanted, allowed) if cap is not None]
    if not caps or not ranked:
        return ranked
    cap = min(caps)
    kept = [offer for offer in ranked if (offer.cost or 0) <= cap]
    if not kept:
        whose = "max_cost" if wanted == cap else "the most that the settings let a job cost"
        raise InvalidInputError(
            f"{whose}: {cap:g} USD is less than the {ranked[0].cost:g} USD that this can cost"
        )
    return kept


def reason_of(refusals: list[DarkroomError]) -> DarkroomError:
    """Why nobody took it: best one that passes, of these the one that passes first."""
    passing = [one for one in refusals if isinstance(one, RetryableError)]
    kinds: tuple[type[RetryableError], ...] = (NoRoomError, RateLimitedError, RetryableError)
    for kind in kinds:
        if passing and all(isinstance(one, kind) for one in passing):
            return min(passing, key=lambda one: one.retry_after or timedelta(0))
    return refusals[0]
