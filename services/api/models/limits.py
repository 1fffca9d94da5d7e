"""What a tenant may use: how often it may ask, and how much it may have at once.

Neighbours: `service/limits` knows what holds for whom, `service/rates` and `service/uploads` keep
to it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_FORM: Final = re.compile(
    r"(\d{1,9})\s*/\s*(?:(\d{1,6})\s*)?(s|sec|second|m|min|minute|h|hour|d|day)s?"
)
LONGEST_WINDOW: Final = 31 * 86_400
LARGEST: Final = 999_999_999


class Policy(StrEnum):
    """What is counted over time."""

    REQUESTS = "requests"  # HTTP calls
    JOBS = "jobs"  # accepted ones, from whichever door


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, coming back evenly within so many seconds."""

    quota: int
    seconds: int

    @property
    def a_second(self) -> float:
        """How many come back in a second."""
        return self.quota / self.seconds

    def __str__(self) -> str:
        return f"{self.quota}/{self.seconds}s"

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """`600/minute`, `50/h`, `10/5s`. Raises `ValueError`."""
        found = _FORM.fullmatch(text.strip().lower())
        if found is None:
            raise ValueError(f"{text!r} is not a rate such as 600/minute, 50/h or 10/5s")
        rate = cls(int(found[1]), int(found[2] or 1) * _UNITS[found[3][0]])
        if not rate.quota or not 1 <= rate.seconds <= LONGEST_WINDOW:
            raise ValueError(f"{text!r}: at least one, in a second to 31 days")
        return rate


@dataclass(frozen=True, slots=True)
class TenantLimits:
    """What holds for one tenant; None: as much as there is.

    `streams` are open ones at one api process, `upload_bytes` are those of all its uploads.
    """

    requests: Rate | None = None
    jobs: Rate | None = None
    queued_jobs: int | None = None
    uploads: int | None = None
    upload_bytes: int | None = None
    streams: int | None = None

    def rate(self, policy: Policy) -> Rate | None:
        """How often what the policy counts may happen."""
        return self.requests if policy is Policy.REQUESTS else self.jobs

    def but(self, said: Mapping[str, Any]) -> "TenantLimits":
        """The same, but for what an exception says; a rate as `{quota, seconds}`."""
        rates = {policy.value for policy in Policy}
        changes: dict[str, Any] = {
            name: Rate(**value) if name in rates and value is not None else value
            for name, value in said.items()
        }
        return replace(self, **changes)


class Ask(NamedTuple):
    """What a process wants of a tenant's rate: `needed` now, `spare` if there is plenty.

    `back` is what it was granted before and has not used.
    """

    tenant: str
    policy: Policy
    rate: Rate
    needed: int
    spare: int = 0
    back: int = 0


class Grant(NamedTuple):
    """What it got, and how much of the quota is in use then, by all processes."""

    granted: int
    used: float


class UploadUse(NamedTuple):
    """What a tenant's uploads are."""

    uploads: int
    upload_bytes: int
