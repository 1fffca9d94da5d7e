"""Work at providers: noted with the job before it is waited for, called off when nobody waits.

The note is what a takeover finds (`shared.generators.providers`). Calling off is a small queue in
Postgres of its own: it outlives the worker, and the end of a job never waits for it.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

import structlog

from services.generator.metrics import GeneratorMetrics
from services.generator.models import AbandonedWork, ClaimedJob
from services.generator.registry import GeneratorRegistry
from services.generator.service import events
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.errors import WorkerLostError
from shared.generators import Execution, Generator, ProviderJob, ProviderJobs
from shared.periodic import Periodic

PATIENCE = timedelta(seconds=30)
"""What a provider may take to hear it."""
PAUSE = timedelta(seconds=60)
"""Between two tries; longer than `PATIENCE`, so that two never run at once."""
TRIES = 5
AT_ONCE = 20

log = structlog.get_logger(__name__)


class ProviderJobStore:
    """Keeps the orders of jobs in hand."""

    def __init__(self, open_unit_of_work: OpenUnitOfWork) -> None:
        self._open = open_unit_of_work

    def of(self, job: ClaimedJob) -> ProviderJobs:
        """Those of one job; they are written only as long as it is in our hands."""
        return _OrdersOfOneJob(self._open, job)


class _OrdersOfOneJob:
    """Whoever asks later what the attempt has ordered finds it with the job (`ordered`)."""

    def __init__(self, open_unit_of_work: OpenUnitOfWork, job: ClaimedJob) -> None:
        self._open = open_unit_of_work
        self._job = job

    async def find(self) -> ProviderJob | None:
        async with self._open() as work:
            self._job.ordered = await work.providers.find(self._job.id)
        return self._job.ordered

    async def intend(self, provider: str) -> ProviderJob:
        async with self._open() as work:
            return self._ours(await work.providers.intend(self._job.key, provider))

    async def submitted(self, provider_id: str) -> ProviderJob:
        async with self._open() as work:
            return self._ours(await work.providers.submitted(self._job.key, provider_id))

    async def forget(self) -> None:
        async with self._open() as work:
            await work.providers.forget(self._job.key)
        self._job.ordered = None

    def _ours(self, noted: ProviderJob | None) -> ProviderJob:
        if noted is None:
            raise WorkerLostError("The job is in other hands: nothing more is ordered for it here.")
        self._job.ordered = noted
        return noted


class Cancels(Protocol):
    """Tells a provider, through the generator."""

    async def cancel(
        self, kind: type[Generator[Any]], input: dict[str, Any], provider_job: ProviderJob
    ) -> float | None: ...


class CallingOff:
    """Calls off, for the generators hosted here, what jobs have ordered that ended unfinished.

    What that has cost all the same is entered in the attempt that had ordered it, and said.
    """

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        speaking: OpenUnitOfWork,
        registry: GeneratorRegistry,
        runtime: Cancels,
        metrics: GeneratorMetrics,
        *,
        clock: Clock,
        poll: timedelta,
    ) -> None:
        self._open = open_unit_of_work
        self._speaking = speaking
        self._clock = clock
        self._registry = registry
        self._names = registry.names_run_in(Execution.LOOP)
        self._runtime = runtime
        self._metrics = metrics
        self._periodic = Periodic("calling-off", self.call_off, poll)

    def start(self) -> None:
        """Begin looking."""
        self._periodic.start()

    async def stop(self) -> None:
        """End; what is left is done by another process, or the next one."""
        await self._periodic.stop()

    def soon(self) -> None:
        """There may be something to call off."""
        self._periodic.wake()

    async def call_off(self) -> None:
        """Take what is due and tell the providers, all at once."""
        if not self._names:
            return
        async with self._open() as work:
            abandoned = await work.providers.take_abandoned(self._names, most=AT_ONCE, pause=PAUSE)
        await self._tell(abandoned)

    async def _tell(self, abandoned: Sequence[AbandonedWork]) -> None:
        async with asyncio.TaskGroup() as group:
            for work in abandoned:
                group.create_task(self._tell_one(work))

    async def _tell_one(self, abandoned: AbandonedWork) -> None:
        kind = self._registry.get(abandoned.generator)
        error: str | None = None
        cost: float | None = None
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                cost = await self._runtime.cancel(kind, abandoned.input, abandoned.provider_job)
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"[:500]
        self._metrics.called_off(abandoned.generator, error)
        report = log.info if error is None else log.warning
        report(
            "provider.canceled",
            job_id=str(abandoned.job_id),
            generator=abandoned.generator,
            provider=abandoned.provider_job.provider,
            provider_id=abandoned.provider_job.id,
            tries=abandoned.tries,
            cost=cost,
            error=error,
        )
        if error is None:
            await self._settle(abandoned, cost)
            return
        async with self._open() as work:
            last = abandoned.tries >= TRIES
            await work.providers.not_called_off(abandoned.job_id, error, last=last)

    async def _settle(self, abandoned: AbandonedWork, cost: float | None) -> None:
        async with self._speaking() as work:
            await work.providers.called_off(abandoned.job_id)
            if cost and (job := await work.providers.settle(abandoned.job_id, cost)) is not None:
                await work.outbox.add([events.cost_settled(job, self._clock.now())])
