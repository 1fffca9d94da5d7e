"""Carrying out what somebody has decided about jobs whose outcome nobody knew.

`verdicts` parks them, the api takes the decision and publishes it. Neighbour: `providers` keeps the
orders that the next attempt finds.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from services.generator.models import Decision, Reconciled
from services.generator.repository.wakeups import WORK
from services.generator.service import events
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.errors import UnknownOutcomeError
from shared.events import CloudEvent, Failure, MediaReconciled
from shared.periodic import Periodic

GIVEN_UP = "Nobody could say whether the provider had taken it; it was given up."
COUNT_EVERY = timedelta(seconds=5)

log = structlog.get_logger(__name__)


class ReconciliationService:
    """Lets jobs go on, or gives them up. `resumed` and `given_up` are called after the commit."""

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        worker: str,
        clock: Clock,
        *,
        resumed: Callable[[], None],
        given_up: Callable[[], None] = lambda: None,
        show: Callable[[dict[str, int]], None] = lambda _: None,
    ) -> None:
        self._open = open_unit_of_work
        self._worker = worker
        self._clock = clock
        self._resumed = resumed
        self._given_up = given_up
        self._show = show
        self._counting = Periodic("reconciliation.count", self.count, COUNT_EVERY)

    def start(self) -> None:
        """Begin counting what waits."""
        self._counting.start()

    async def stop(self) -> None:
        """Count no more."""
        await self._counting.stop()

    async def count(self) -> None:
        """How many jobs wait for somebody."""
        async with self._open() as work:
            work.alone()
            waiting = await work.reconciliations.count_waiting()
        self._show(waiting)

    async def handle(self, decisions: Sequence[Decision]) -> None:
        """Carry out a batch in one transaction; what comes too late, or again, changes nothing."""
        chosen = _first_of_each(decisions)
        async with self._open() as work:
            done = await work.reconciliations.resolve(list(chosen.values()))
            now = self._clock.now()
            await work.outbox.add(
                events.failed(job, job.attempt, _failure(chosen[job.id]), now)
                for job in done.given_up
            )
            if done.given_up:
                await work.providers.abandon([job.id for job in done.given_up])
            if done.resumed:
                await work.wakeups.notify(WORK, self._worker)
        self._tell(done, chosen)

    def _tell(self, done: Reconciled, chosen: dict[UUID, Decision]) -> None:
        if done.resumed:
            self._resumed()
        if done.given_up:
            self._given_up()
        for job_id in (*done.resumed, *(job.id for job in done.given_up)):
            decision = chosen[job_id]
            log.info(
                "job.reconciled",
                job_id=str(job_id),
                attempt=decision.attempt,
                resolution=decision.resolution.value,
                provider_id=decision.provider_id,
            )


def decision_of(event: CloudEvent) -> Decision | None:
    """The decision that an event is; None when it is none."""
    match event.data:
        case MediaReconciled() as data:
            return Decision(
                data.job_id, data.attempt, data.resolution, data.provider_job_id, data.reason
            )
    return None


def _first_of_each(decisions: Iterable[Decision]) -> dict[UUID, Decision]:
    """One a job: of those about its last attempt the first that came."""
    chosen: dict[UUID, Decision] = {}
    for one in decisions:
        rival = chosen.get(one.job_id)
        if rival is None or one.attempt > rival.attempt:
            chosen[one.job_id] = one
    return chosen


def _failure(decision: Decision) -> Failure:
    return Failure(code=UnknownOutcomeError.code, message=decision.reason or GIVEN_UP)
