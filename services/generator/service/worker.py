"""The worker: everything that claims, runs and finishes jobs, started and stopped in order."""

import asyncio
import os
import socket
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from services.generator.service.claiming import Claimer
from services.generator.service.leases import LeaseKeeper
from services.generator.service.running import JobsInHand


def worker_name() -> str:
    """`host:pid:start`: no two processes have the same, even when process ids come round."""
    return f"{socket.gethostname()}:{os.getpid()}:{time.time_ns() // 1_000:x}"


class Part(Protocol):
    """Something that runs in the background."""

    def start(self) -> None: ...

    async def stop(self) -> None: ...


class Worker:
    """Jobs in hand, and the parts that bring them in and out.

    `recorders` write down and say what the jobs lead to: they start first and stop last.
    """

    def __init__(
        self,
        jobs: JobsInHand,
        claimers: Sequence[Claimer],
        leases: LeaseKeeper,
        recorders: Sequence[Part],
    ) -> None:
        self._jobs = jobs
        self._claimers = tuple(claimers)
        self._leases = leases
        self._recorders = tuple(recorders)

    def start(self) -> None:
        """Begin claiming."""
        for part in (*self._recorders, self._leases, *self._claimers):
            part.start()

    def wake(self) -> None:
        """There may be work."""
        for claimer in self._claimers:
            claimer.wake()

    def look_for_stops(self) -> None:
        """Somebody wants something stopped."""
        self._leases.beat_soon()

    async def stop(self, grace: timedelta) -> None:
        """Claim no more; finish what is in hand within `grace`, release what is not."""
        await asyncio.gather(*(claimer.stop() for claimer in self._claimers))
        await self._jobs.drain(grace)
        await self._leases.stop()
        for part in self._recorders:
            await part.stop()
