"""How long it took to come back after each fault: until all is ready, and until a job goes through.

Measured from the end of the fault (see `injecting`). A fault that the next one cut short counts
with what it took all the same: the next fault's damage is then in it, and `overlapped` says so.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.chaos.clients import HttpClients
from tests.chaos.injecting import Injected
from tests.chaos.observer import Observer
from tests.chaos.orders import SURROUNDINGS, Door, Order
from tests.chaos.watching import Look, ready_after

_GIVES_UP_AFTER = 120.0


@dataclass(frozen=True, slots=True)
class Canary:
    """One small job, sent the moment a fault was over."""

    fault: int
    sent: float
    ready: float | None

    @property
    def seconds(self) -> float | None:
        return None if self.ready is None else self.ready - self.sent


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from the end of a fault; None: it did not happen, or was not seen."""

    fault: int
    until_ready: float | None
    until_canary: float | None
    overlapped: bool

    @property
    def seconds(self) -> float | None:
        """Until everybody is ready and a job has gone through."""
        if self.until_ready is None or self.until_canary is None:
            return None
        return max(self.until_ready, self.until_canary)


class Canaries:
    """Sends them, and waits until the observer hears that they are ready."""

    def __init__(
        self, clients: HttpClients, observer: Observer, now: Callable[[], float], seed: int
    ) -> None:
        self._clients = clients
        self._observer = observer
        self._now = now
        self._seed = seed
        self.canaries: list[Canary] = []

    async def send(self, fault: int) -> None:
        """After the fault of that number."""
        name = f"{self._seed}-canary-{fault}"
        spec = {
            "generator": "noop",
            "input": {"payload": f"canary {fault}"},
            "metadata": {"order": name},
        }
        sent = self._now()
        order = Order(name, sent, Door.HTTP, spec, failures=SURROUNDINGS)
        promise = await self._clients.order(order)
        ready: float | None = None
        if promise.job_ids:
            [job_id] = promise.job_ids
            ready = await self._heard(job_id)
        self.canaries.append(Canary(fault, sent, ready))

    async def _heard(self, job_id: str) -> float | None:
        try:
            async with asyncio.timeout(_GIVES_UP_AFTER):
                state = await asyncio.shield(self._observer.final_of(job_id))
        except TimeoutError:
            return None
        return self._now() if state == "ready" else None


def recoveries(
    injected: Sequence[Injected], canaries: Sequence[Canary], looks: Sequence[Look]
) -> list[Recovery]:
    """One for each fault that was carried out, in their order."""
    heard = {canary.fault: canary for canary in canaries}
    found = []
    for one in injected:
        if one.ended is None or one.skipped:
            continue
        ready, canary = ready_after(looks, one.ended), heard.get(one.fault.number)
        back = max((moment for moment in (ready, canary and canary.ready) if moment), default=0.0)
        overlapped = any(
            other is not one and other.began < back and (other.ended or back) > one.ended
            for other in injected
        )
        found.append(
            Recovery(
                fault=one.fault.number,
                until_ready=None if ready is None else ready - one.ended,
                until_canary=canary.seconds if canary else None,
                overlapped=overlapped,
            )
        )
    return found
