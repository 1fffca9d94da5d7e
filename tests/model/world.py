"""One step of the machine at a time: what the services did, beside what the model says of it."""

from collections import Counter
from collections.abc import Collection, Coroutine, Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.generator.models import ClaimedJob
from shared.events import CloudEvent, Resolution
from shared.messaging.publisher import BrokerUnavailableError
from tests.model import evidence
from tests.model.actors import GENERATORS, LEASE, GeneratorActor, NotifierActor, read_control
from tests.model.api import Api
from tests.model.arbiter import Arbiter
from tests.model.broker import CONTROL, OUTCOMES, REQUESTS, FakeBroker, Fault
from tests.model.evidence import GeneratorEvidence, NotifierEvidence
from tests.model.expected import must
from tests.model.ledger import Hand, Ledger
from tests.model.misfortunes import Ending, Reaper, Report, result_of
from tests.model.promises import Witness
from tests.model.stage import Stage
from tests.model.units import KilledError, die

_ROUNDS = 20
_LONG = timedelta(minutes=10)


class World:
    """The services on the stage, a broker between them, and the model that watches."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.clock = stage.clock
        self.broker = FakeBroker(GENERATORS)
        self.api = Api(self.broker, stage.clock)
        self.generator = GeneratorActor(stage.engines["generator"], stage.clock, self.broker)
        self.notifier = NotifierActor(stage.engines["notifier"], stage.clock, self.broker)
        self.ledger, self.witness = Ledger(), Witness()
        self.arbiter = Arbiter(stage.clock.now())
        self.jobs = GeneratorEvidence()
        self.ends = NotifierEvidence()

    @property
    def claimable(self) -> Collection[UUID]:
        """What a worker could have now."""
        return self.ledger.claimable(self.clock.now())

    @property
    def unfinished(self) -> bool:
        """Whether any job has not ended yet."""
        return any(not job.finished for job in self.ledger.jobs.values())

    async def check_generator(self) -> None:
        """Everything is as it must be there."""
        self.jobs = await evidence.of_generator(self.stage)
        self.witness.look_at_generator(self.jobs, self.clock.now())
        self.ledger.must_agree(self.jobs)

    async def check_notifier(self) -> None:
        """And there."""
        self.ends = await evidence.of_notifier(self.stage)
        self.witness.look_at_notifier(self.ends)
        self.arbiter.must_agree(self.ends)

    async def handle(self, queue: str, picks: Iterable[int], ending: Ending) -> None:
        """A service takes a batch of deliveries, if there are any."""
        events = self.broker.look(queue, picks)
        if not events:
            return
        actor = self.notifier if queue == OUTCOMES else self.generator
        actor.before_commit = die if ending is Ending.NOT_COMMITTED else None
        if await _survives(self._take(queue, events)):
            self._understand(queue, events)
            if ending is Ending.ACKED:
                self.broker.ack(queue, events)
        await (self.check_notifier() if queue == OUTCOMES else self.check_generator())

    async def admit_and_begin(self, picks: Iterable[int], ending: Ending) -> list[Hand]:
        """A worker with a slot for each takes a batch of requests, if there are any."""
        events = self.broker.look(REQUESTS, picks)
        jobs: Sequence[ClaimedJob] = ()
        hands: list[Hand] = []
        if events:
            self.generator.before_commit = die if ending is Ending.NOT_COMMITTED else None
            try:
                jobs = await self.generator.admit_and_begin("w1", events)
            except KilledError:
                pass
            else:
                now = self.clock.now()
                self.ledger.admit_and_begin(events, "w1", jobs, now)
                self.witness.leased([job.key for job in jobs], now + LEASE)
                hands = [Hand("w1", job) for job in jobs]
                if ending is Ending.ACKED:
                    self.broker.ack(REQUESTS, events)
            await self.check_generator()
        return hands

    async def claim_waiting(self, slots: int) -> list[Hand]:
        """A worker fills free slots with what waits, and leaves alone what another has lost."""
        jobs = await self.generator.claim("w1", slots, take_over=False)
        now = self.clock.now()
        self.ledger.claim("w1", slots, jobs, now, take_over=False)
        self.witness.leased([job.key for job in jobs], now + LEASE)
        await self.check_generator()
        return [Hand("w1", job) for job in jobs]

    async def claim(self, slots: int, others: int = 0, *, dies: bool = False) -> list[Hand]:
        """A worker fills free slots; `others` are those that another one fills before it commits.

        If the first one dies, it never does.
        """
        hands: list[Hand] = []

        async def meanwhile() -> None:
            if others:
                locked = min(slots, len(self.claimable))
                jobs = await self.generator.claim("w2", others)
                hands.extend(self._claimed("w2", others, jobs, locked))
            if dies:
                await die()

        self.generator.before_commit = meanwhile
        try:
            jobs = await self.generator.claim("w1", slots)
            hands = self._claimed("w1", slots, jobs) + hands
        except KilledError:
            pass
        await self.check_generator()
        return hands

    async def beat(self, hands: Iterable[Hand], *, say_so: bool) -> None:
        """A heartbeat for these, whether or not they are still ours; perhaps a word about each."""
        keys = [hand.job.key for hand in hands]
        renewed = await self.generator.renew(keys)
        expected = self.ledger.renew(keys, self.clock.now())
        must(renewed == expected, "a heartbeat renews what is ours, and says who is to stop")
        self.witness.gave_back(keys)
        self.witness.leased(renewed, self.clock.now() + LEASE)
        for hand in hands if say_so else ():
            await self.generator.announce_start(hand.worker, hand.job)
            self.ledger.announce_start(hand)
        await self.check_generator()

    async def report(self, reports: Sequence[tuple[Hand, Report]], *, dies: bool = False) -> None:
        """Workers have come to an end with these, in one batch."""
        now = self.clock.now()
        results = [
            result_of(
                report,
                hand.job,
                self.generator.verdicts(hand.worker),
                self.ledger.jobs[hand.job.id],
                now,
            )
            for hand, report in reports
        ]
        self.generator.before_commit = die if dies else None
        try:
            ours = await self.generator.record(results)
        except KilledError:
            pass
        else:
            expected = self.ledger.record(results, now)
            must(ours == expected, "a result counts where the fence still matches, nowhere else")
            self.witness.gave_back(result.job.key for result in results)
        await self.check_generator()

    async def pass_time(self, duration: timedelta, reaper: Reaper) -> None:
        """Then the services end what nobody else will, or try to."""
        now = await self.stage.advance(duration)
        if reaper is Reaper.ASLEEP:
            return
        dies = die if reaper is Reaper.DIES else None
        self.generator.before_commit = self.notifier.before_commit = dies
        if await _survives(self.generator.reap()):
            self.ledger.reap(now)
        if await _survives(self.notifier.close_overdue()):
            self.arbiter.close_overdue(now)
        else:
            self.arbiter.listening_since = now
            self.notifier.listen()
        await self.check_generator()
        await self.check_notifier()

    async def relay(self, service: str, fault: Fault = Fault.NONE) -> None:
        """A batch of the outbox goes out, or not."""
        actor = self.generator if service == "generator" else self.notifier
        heard = len(self.broker.published)
        self.broker.fault, committed = fault, True
        try:
            await actor.relay()
        except BrokerUnavailableError:
            committed = False
        self.broker.fault = Fault.NONE
        published = self.broker.published[heard:]
        self.witness.hear(published)
        gone = Counter(event.id for event in published if committed)
        if service == "generator":
            self.ledger.outbox -= gone
            await self.check_generator()
        else:
            expected = Counter(self.ends.said) - gone
            await self.check_notifier()
            must(Counter(self.ends.said) == expected, "only what was confirmed leaves the outbox")

    async def rest(self) -> None:
        """Let everything that is under way come to its end, then ask whether all is well."""
        await self.stage.advance(_LONG)
        self.api.announce_deadlines()
        self.api.resume()
        for _ in range(_ROUNDS):
            if not await self._go_on():
                break
            await self.pass_time(_LONG, Reaper.AWAKE)
        self.witness.must_be_at_rest(self.api.accepted)

    async def _go_on(self) -> bool:
        """Everybody does once what there is to do. Answers whether there was anything."""
        busy = self.unfinished or bool(self.ends.pending)
        for job_id, attempt in self.ledger.parked.items():
            self.api.reconcile(job_id, attempt, Resolution.RESUBMIT)
        for queue, waiting in self.broker.queues.items():
            if waiting:
                busy = True
                await self.handle(queue, range(-len(waiting), 0), Ending.ACKED)
        if self.claimable:
            hands = await self.claim(len(self.claimable))
            await self.report([(hand, Report.GENERATED) for hand in hands])
        for service, said in (("generator", self.jobs.said), ("notifier", self.ends.said)):
            if said:
                busy = True
                await self.relay(service)
        return busy

    def _claimed(
        self, worker: str, slots: int, jobs: Sequence[ClaimedJob], locked: int = 0
    ) -> list[Hand]:
        now = self.clock.now()
        self.ledger.claim(worker, slots, jobs, now, locked)
        self.witness.leased([job.key for job in jobs], now + LEASE)
        return [Hand(worker, job) for job in jobs]

    async def _take(self, queue: str, events: Sequence[CloudEvent]) -> None:
        if queue == REQUESTS:
            await self.generator.admit(events)
        elif queue == CONTROL:
            await self.generator.hear(events)
        else:
            await self.notifier.decide(events)

    def _understand(self, queue: str, events: Sequence[CloudEvent]) -> None:
        now = self.clock.now()
        if queue == REQUESTS:
            self.ledger.admit(events, now)
        elif queue == CONTROL:
            self.ledger.hear(read_control(events), now)
        else:
            self.arbiter.decide(events, now)


async def _survives(work: Coroutine[Any, Any, None]) -> bool:
    """Whether it was not killed on the way."""
    try:
        await work
    except KilledError:
        return False
    return True
