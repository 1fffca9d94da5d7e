"""The services as the machine drives them: their own use cases and statements, step by step.

What decides *when* (tasks, timers, consumers) is left out, for that is what the machine does.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from prometheus_client import CollectorRegistry

from services.generator.models import (
    Cause,
    ClaimedJob,
    ControlWord,
    Decision,
    JobKey,
    Result,
    Wish,
)
from services.generator.service import events
from services.generator.service.admission import job_of
from services.generator.service.backoff import Backoff
from services.generator.service.claiming import JobClaims
from services.generator.service.pausing import word_of
from services.generator.service.reconciling import ReconciliationService, decision_of
from services.generator.service.stopping import StopService, wish_of
from services.generator.service.verdicts import Verdicts
from services.notifier.metrics import NotifierMetrics
from services.notifier.service import Attention, ClosingService, NotificationService
from shared.clock import Clock
from shared.database.engine import Engine
from shared.events import CloudEvent
from shared.messaging.relay import OutboxRelay
from tests.model.broker import FakeBroker
from tests.model.units import BeforeCommit, InterruptibleGeneratorWork, InterruptibleNotifierWork

GENERATORS = ("card",)
LEASE = timedelta(seconds=30)
GRACE = timedelta(seconds=10)
RELAYED_AT_ONCE = 10


class GeneratorActor:
    """All processes of the generator service; `before_commit` happens to the next of its works."""

    def __init__(self, engine: Engine, clock: Clock, broker: FakeBroker) -> None:
        self._engine = engine
        self._clock = clock
        self._relay = OutboxRelay(engine, broker, limit=RELAYED_AT_ONCE)
        self._stops = StopService(self.open, "w0", clock, lambda: None)
        self._decisions = ReconciliationService(self.open, "w0", clock, resumed=lambda: None)
        self.before_commit: BeforeCommit | None = None

    def open(self) -> InterruptibleGeneratorWork:
        """A unit of work, with what was planned for it."""
        work = InterruptibleGeneratorWork(self._engine)
        work.before_commit, self.before_commit = self.before_commit, None
        return work

    def verdicts(self, worker: str) -> Verdicts:
        """What the worker says at the end of an attempt; retries wait as long as they are told."""
        return Verdicts(worker, Backoff(timedelta(0), timedelta(0)), self._clock)

    async def admit(self, requests: Sequence[CloudEvent]) -> None:
        """Write down what is to be made."""
        async with self.open() as work:
            await work.admission.add([job for event in requests if (job := job_of(event))])

    async def admit_and_begin(
        self, worker: str, requests: Sequence[CloudEvent]
    ) -> Sequence[ClaimedJob]:
        """The same by a worker that has a slot for each; what may begins with that."""
        jobs = [job for event in requests if (job := job_of(event))]
        return (await self._claims(worker).admit(jobs)).begun

    async def hear(self, heard: Sequence[CloudEvent]) -> None:
        """Carry out what somebody wishes or has decided, and keep the words of operators."""
        orders = read_control(heard)
        if wishes := [order for order in orders if isinstance(order, Wish)]:
            await self._stops.handle(wishes)
        if words := [order for order in orders if isinstance(order, ControlWord)]:
            async with self.open() as work:
                await work.controls.record(words)
        if decisions := [order for order in orders if isinstance(order, Decision)]:
            await self._decisions.handle(decisions)

    async def claim(
        self, worker: str, slots: int, *, take_over: bool = True
    ) -> Sequence[ClaimedJob]:
        """Fill free slots, also with what has lost its worker, or only with what waits."""
        if take_over:
            return await self._claims(worker).take(slots)
        async with self.open() as work:
            work.alone()
            return await work.claims.claim_waiting(
                GENERATORS, slots=slots, worker=worker, lease=LEASE
            )

    def _claims(self, worker: str) -> JobClaims:
        return JobClaims(GENERATORS, self.open, worker=worker, lease=LEASE, clock=self._clock)

    async def renew(self, held: Collection[JobKey]) -> dict[JobKey, Cause | None]:
        """Beat."""
        async with self.open() as work:
            return await work.leases.renew(held, LEASE)

    async def announce_start(self, worker: str, job: ClaimedJob) -> None:
        """Say that the attempt has lasted a while."""
        attempt = self.verdicts(worker).attempt(job)
        async with self.open() as work:
            started = events.started(job, attempt, self._clock.now())
            await work.results.say_while_running([(job.key, started)])

    async def record(self, results: Sequence[Result]) -> set[JobKey]:
        """Write down how attempts ended."""
        async with self.open() as work:
            return await work.results.record(results)

    async def reap(self) -> None:
        """End what nobody else will."""
        await self._stops.reap()

    async def relay(self) -> int:
        """Publish what stands in the outbox."""
        return await self._relay.relay_once()


class NotifierActor:
    """All processes of the notifier."""

    def __init__(self, engine: Engine, clock: Clock, broker: FakeBroker) -> None:
        self._engine = engine
        self._clock = clock
        self._metrics = NotifierMetrics(CollectorRegistry())
        self._relay = OutboxRelay(engine, broker, limit=RELAYED_AT_ONCE)
        self._service = NotificationService(self.open, clock, self._metrics, GRACE)
        self.before_commit: BeforeCommit | None = None
        self.listen()

    def listen(self) -> None:
        """From now on it would hear an answer: it has just been started."""
        attention = Attention(lambda: None, self._clock)
        attention.lasted()
        self._closing = ClosingService(self.open, self._clock, self._metrics, attention, GRACE)

    def open(self) -> InterruptibleNotifierWork:
        """A unit of work, with what was planned for it."""
        work = InterruptibleNotifierWork(self._engine)
        work.before_commit, self.before_commit = self.before_commit, None
        return work

    async def decide(self, heard: Sequence[CloudEvent]) -> None:
        """Give the last word where there is an answer, and keep the wishes."""
        await self._service.decide(heard)

    async def close_overdue(self) -> None:
        """Give the last word where there was none in time; tidy up."""
        await self._closing.close_overdue()
        await self._closing.forget_ended()

    async def relay(self) -> int:
        """Publish what stands in the outbox."""
        return await self._relay.relay_once()


def read_control(heard: Sequence[CloudEvent]) -> list[Wish | ControlWord | Decision]:
    """What messages of the control queue ask for."""
    read = (wish_of(event) or word_of(event) or decision_of(event) for event in heard)
    return [order for order in read if order is not None]
