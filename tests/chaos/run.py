"""One run, from nothing to a verdict: start, load and faults at once, rest, evidence, judgement."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from deploy.local.errors import LocalStackError
from tests.chaos.audience import MoodyReceiver
from tests.chaos.disk import StoreDisk
from tests.chaos.evidence import Evidence
from tests.chaos.gathering import at_rest, gather_all
from tests.chaos.injecting import Injected
from tests.chaos.invariants import Violation, violations
from tests.chaos.observer import Observer
from tests.chaos.options import Options
from tests.chaos.orders import order_plan
from tests.chaos.plan import Fault, fault_plan, load_seconds
from tests.chaos.promises import Ledger, Promise
from tests.chaos.provider import Provider
from tests.chaos.recovery import Recovery, recoveries
from tests.chaos.scene import Scene
from tests.chaos.system import System
from tests.chaos.watching import Look, ready_after

REST_SECONDS = 240.0
"""How long after the load everything may take to come to rest, before that is a violation."""

REPLAYED = 1_000
"""Jobs whose streams are read once more from their beginning when all is over."""
_LOOK_EVERY = 0.5
_AWAY = (OSError, LocalStackError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass
class Result:
    """What a run has shown; times count from the beginning of the load."""

    options: Options
    evidence: Evidence = field(default_factory=Evidence)
    injected: list[Injected] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    refusals: list[tuple[float, str]] = field(default_factory=list)
    violations: dict[str, list[Violation]] = field(default_factory=dict)
    start_seconds: float = 0.0
    load_seconds: float = 0.0
    rest_seconds: float = 0.0
    deliveries: int = 0

    @property
    def broken(self) -> int:
        return sum(len(found) for found in self.violations.values())


class Run:
    """A plan, the system that it is carried out on, and what comes of it."""

    def __init__(
        self, options: Options, home: Path, disk: StoreDisk, say: Callable[[str], None]
    ) -> None:
        self._options = options
        self._say = say
        self._faults = fault_plan(options)
        self._seconds = load_seconds(self._faults, options.jobs)
        self._receiver = MoodyReceiver(options.seed)
        self._provider = Provider(options.seed)
        self._orders = order_plan(options, self._seconds, self._receiver.own)
        self._ledger = Ledger(self._orders)
        self._system = System(home, options, disk, say, self._provider.settings)
        self.result = Result(options)

    async def execute(self) -> Result:
        """Start, break, look; the system is stopped however that ends."""
        with self._receiver, self._provider.server:
            await self._go()
        self.result.violations = violations(self.result.evidence)
        return self.result

    async def _go(self) -> None:
        began = time.monotonic()
        try:
            await self._system.start()
            self.result.start_seconds = time.monotonic() - began
            await self._break_and_look()
        finally:
            self._say("stopping")
            await self._system.stop()

    async def _break_and_look(self) -> None:
        scene = Scene(
            self._system,
            self._ledger,
            self._options,
            self._say,
            receiver=self._receiver,
            provider=self._provider,
        )
        try:
            await scene.open()
            await self._go_through_it(scene)
            await self._rest(scene)
            await scene.watch.stop()
            await self._gather(scene)
        finally:
            await scene.close()

    async def _go_through_it(self, scene: Scene) -> None:
        """Load, faults and canaries, all at once."""
        orders, faults = len(self._orders), len(self._faults)
        self._say(f"{orders} orders and {faults} faults in {self._seconds:.0f} s")
        chance = random.Random(self._options.seed)
        looking = asyncio.create_task(scene.load.look_around(chance))
        self.result.injected = scene.injector.injected
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(scene.load.run(self._orders))
                for fault in self._faults:
                    tasks.create_task(_inject(scene, fault))
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        self.result.load_seconds = scene.now()

    async def _rest(self, scene: Scene) -> None:
        """Until every promise has its final event, all is ready and nothing is on its way."""
        self._say(f"{scene.now():6.1f} s  all is sent; waiting until everything has come to rest")
        began = time.monotonic()
        deadline = began + REST_SECONDS
        await _within(deadline, lambda: _all_final(self._ledger.promises, scene.observer))
        await _within(deadline, lambda: at_rest(self._system))
        await _within(deadline, lambda: self._all_is_told(scene))
        await _within(deadline, self._system.broker.is_whole)
        await _within(deadline, lambda: _all_ready(scene))
        self.result.rest_seconds = time.monotonic() - began

    async def _all_is_told(self, scene: Scene) -> bool:
        """Everybody who listens knows of every end that the observer has heard."""
        ends = {word.job_id for word in scene.observer.ends.values()}
        own = {
            job_id
            for promise in self._ledger.promises
            for job_id in promise.job_ids
            if promise.order.called_back
        }
        return scene.audience.has_heard(ends, own)

    async def _gather(self, scene: Scene) -> None:
        self._say(f"{scene.now():6.1f} s  gathering the evidence")
        result, evidence = self.result, self.result.evidence
        evidence.promises = self._ledger.promises
        evidence.sightings = scene.observer.sightings
        evidence.republished = scene.republisher.published
        evidence.seen_final = scene.load.seen_final
        await gather_all(self._system, evidence)
        await scene.audience.replay(sorted(evidence.accepted_ids)[:REPLAYED])
        evidence.hearing = scene.audience.hearing(list(scene.observer.ends.values()))
        evidence.taken, evidence.decisions = self._provider.taken, scene.decider.decisions
        result.looks, result.refusals = scene.watch.looks, scene.clients.refusals
        result.deliveries = scene.observer.deliveries
        result.recoveries = recoveries(result.injected, scene.canaries.canaries, result.looks)


async def _inject(scene: Scene, fault: Fault) -> None:
    await asyncio.sleep(fault.at - scene.now())
    injected = await scene.injector.inject(fault)
    if not injected.skipped:
        await scene.canaries.send(fault.number)


async def _within(deadline: float, true: Callable[[], Awaitable[bool]]) -> None:
    while time.monotonic() < deadline:
        try:
            if await true():
                return
        except _AWAY:
            pass
        await asyncio.sleep(_LOOK_EVERY)


async def _all_final(promises: list[Promise], observer: Observer) -> bool:
    for promise in promises:
        if not promise.order.valid or not promise.accepted:
            continue
        known = observer.job_of(promise.order.key)
        jobs = promise.job_ids or ({known.result()} if known.done() else set())
        if not jobs or not all(observer.final_of(job).done() for job in jobs):
            return False
    return True


async def _all_ready(scene: Scene) -> bool:
    """As the watch has seen it, in a look that began after the last fault."""
    return ready_after(scene.watch.looks, scene.injector.last_end) is not None
