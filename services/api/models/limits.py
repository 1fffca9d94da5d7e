"""What a tenant may use: how often it may ask, and how much it may have at once.

Neighbours: `service/limits` knows what holds for whom, `service/rates` and `service/uploads` keep
to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

from shared.rate import LONGEST_WINDOW, Rate

LARGEST: Final = 999_999_999

__all__ = [
    "LARGEST",
    "LONGEST_WINDOW",
    "Ask",
    "Grant",
    "Policy",
    "Rate",
    "TenantLimits",
    "UploadUse",
]


class Policy(StrEnum):
    """What is counted over time."""

    REQUESTS = "requests"  # HTTP calls
    JOBS = "jobs"  # accepted ones, from whichever door


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
