"""What a generator has ordered from a provider, kept with the job: nothing is ordered twice.

For generators that run in the event loop (`Execution.LOOP`). A worker can die between any two
steps; the next one finds here how far its predecessor came:

    known = await context.provider_jobs.find()
    if known is None:
        await context.provider_jobs.intend("replicate")
        known = await context.provider_jobs.submitted(await provider.submit(…))
    elif known.id is None:
        …                       # it may have been ordered: ask the provider, do not just repeat
    await provider.wait_for(known.id)
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProviderJob:
    """Work at a provider; `id` is None while it is not known whether the order has arrived."""

    provider: str
    id: str | None
    attempt: int
    """The attempt of our job that ordered it."""


class ProviderJobs(Protocol):
    """The orders of one job. Raises `WorkerLostError` when the job is in other hands."""

    async def find(self) -> ProviderJob | None:
        """The last order of any attempt; None: there was none."""

    async def intend(self, provider: str) -> ProviderJob:
        """Note, before it is ordered, that it will be. Forgets an earlier order."""

    async def submitted(self, provider_id: str) -> ProviderJob:
        """Note what the provider calls it, before waiting for it."""

    async def forget(self) -> None:
        """Note that there is no order: it was certainly not taken, and may be given anew."""


class InMemoryProviderJobs:
    """`ProviderJobs` that end with the attempt: for tests, and for generators that have none."""

    def __init__(self, known: ProviderJob | None = None, attempt: int = 1) -> None:
        self._known = known
        self._attempt = attempt

    async def find(self) -> ProviderJob | None:
        return self._known

    async def intend(self, provider: str) -> ProviderJob:
        self._known = ProviderJob(provider, None, self._attempt)
        return self._known

    async def submitted(self, provider_id: str) -> ProviderJob:
        if self._known is None:
            raise RuntimeError("note the intention before the order")
        self._known = ProviderJob(self._known.provider, provider_id, self._attempt)
        return self._known

    async def forget(self) -> None:
        self._known = None
