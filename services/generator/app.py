"""Where the generator's objects meet, and nowhere else.

generator.<name>.<lane> > admission > job table > claimers > jobs in hand > runtimes > store
generator.control > stops > job table          jobs in hand > finisher > job table, outbox > relay
"""

import asyncio
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry

from services.generator.assets.inputs import InputFiles
from services.generator.assets.intake import AssetIntake
from services.generator.metrics import GeneratorMetrics
from services.generator.registry import discover
from services.generator.repository.notifications import listener
from services.generator.repository.wakeups import CONTROL, STOP, WORK
from services.generator.routes import http_app
from services.generator.runtime.derived import DerivedRuntime
from services.generator.runtime.loop import LoopRuntime
from services.generator.runtime.pool import ChildPool
from services.generator.service.admission import AdmissionService
from services.generator.service.announcing import AnnouncementService
from services.generator.service.attempts import AttemptMaker
from services.generator.service.backoff import Backoff
from services.generator.service.calling import WorkCalls
from services.generator.service.claiming import Claimer, JobClaims
from services.generator.service.erasing import ErasureService
from services.generator.service.even_shares import EvenShares
from services.generator.service.finishing import Finisher
from services.generator.service.held import HeldLeases
from services.generator.service.leases import LeaseKeeper
from services.generator.service.memory import Memory, MemoryLedger, needs_of
from services.generator.service.news import ProgressNews, StartedNews
from services.generator.service.outages import Outages
from services.generator.service.pausing import PauseService
from services.generator.service.providers import CallingOff, ProviderJobStore
from services.generator.service.reconciling import ReconciliationService
from services.generator.service.running import JobsInHand
from services.generator.service.scratch import ScratchSpace
from services.generator.service.stopping import StopService
from services.generator.service.verdicts import Verdicts
from services.generator.service.window import Window, count_open
from services.generator.service.worker import Part, Worker, worker_name
from services.generator.settings import GeneratorSettings
from services.generator.subscribers import control_subscriber, work_subscribers
from services.generator.unit_of_work import GeneratorUnitOfWork
from shared.clock import SystemClock
from shared.database.engine import close_engine, create_engine
from shared.generators import Execution
from shared.messaging.publisher import Publisher
from shared.messaging.relay import OutboxRelay
from shared.messaging.session import BrokerSession, make_broker
from shared.messaging.subscriber import BatchSubscriber
from shared.messaging.topology import GENERATOR_QUEUES, work_queues
from shared.observability import Check, database_check, store_readings
from shared.periodic import Periodic
from shared.storage import from_url

NAME = "generator"


class GeneratorApp:
    """The generator, put together."""

    def __init__(self, told: GeneratorSettings) -> None:
        self._told = told
        self._clock, self._me, self._numbers = SystemClock(), worker_name(), CollectorRegistry()
        self._metrics = GeneratorMetrics(self._numbers, self._clock)
        self._hosted = discover(
            told.generators, allow_faults=told.allow_faults, memory=told.child_memory
        )
        self._hosted.report()
        self._engine = create_engine(told.database_url, application=NAME, pool_size=15)
        self._heart = create_engine(told.database_url, application=f"{NAME}-heart", pool_size=1)
        self._publisher = Publisher(told.rabbitmq_url, app_id=NAME)
        self._relay_engine = create_engine(
            told.database_url, application=f"{NAME}-relay", pool_size=2, durable=False
        )
        self._relay = OutboxRelay(self._relay_engine, self._publisher)
        self._quiet = partial(GeneratorUnitOfWork, self._engine)
        self._speaking = partial(GeneratorUnitOfWork, self._engine, self._relay.hand_over)
        self._outages = Outages(told.lease / 2)
        self._scratch = ScratchSpace(told.scratch_folder)
        self._pool = ChildPool(
            idle_limit=2 * told.child_slots,
            idle=told.child_idle,
            folder=self._scratch.root,
            memory=told.child_memory,
        )
        self._loop = LoopRuntime()
        self._calling_off = CallingOff(
            self._quiet,
            self._speaking,
            self._hosted,
            self._loop,
            self._metrics,
            clock=self._clock,
            poll=told.poll,
        )
        counting = partial(count_open, self._quiet)
        self._window = Window(counting, told.window, told.poll, self._metrics.count_open)
        self._worker = self._make_worker(told)
        self._control(told)
        self._open_doors(told)

    def _make_worker(self, told: GeneratorSettings) -> Worker:
        held = HeldLeases()
        progress = ProgressNews(self._publisher, self._clock, held)
        started = StartedNews(self._speaking, self._clock)
        finisher = Finisher(self._speaking, self._window.finished, self._calling_off.soon)
        store = from_url(told.store_url)
        attempts = AttemptMaker(
            self._hosted,
            {Execution.CHILD: self._pool, Execution.LOOP: DerivedRuntime(self._loop, self._pool)},
            AssetIntake(store),
            self._scratch,
            inputs=InputFiles(store, told.input_max_bytes),
            reporter=progress.reporter,
            provider_jobs=ProviderJobStore(self._quiet),
        )
        verdicts = Verdicts(self._me, Backoff(told.retry_base, told.retry_cap), self._clock)
        jobs = JobsInHand(attempts, verdicts, finisher, started, metrics=self._metrics, held=held)
        needs, elsewhere = needs_of(self._hosted), self._hosted.names_run_in(Execution.LOOP)
        slots: dict[Execution, tuple[int, Memory]] = {
            Execution.CHILD: (told.child_slots, MemoryLedger(told.child_memory, needs)),
            Execution.LOOP: (told.loop_slots, EvenShares(told.loop_slots, elsewhere)),
        }
        claimers = {
            kind: Claimer(self._claims(kind, told), count, jobs.begin, told.poll, memory)
            for kind, (count, memory) in slots.items()
        }
        takers = {kind.name: claimers[kind.execution] for kind in self._hosted}
        self._calls = WorkCalls(self._quiet, self._me)
        self._admission = AdmissionService(self._quiet, self._window, takers, self._calls.call)
        beating = partial(GeneratorUnitOfWork, self._heart, within=told.lease_patience)
        leases = LeaseKeeper(beating, jobs, held, told.lease)
        parts: list[Part] = [finisher, started, progress, self._calls]
        return Worker(jobs, list(claimers.values()), leases, parts)

    def _claims(self, kind: Execution, told: GeneratorSettings) -> JobClaims:
        return JobClaims(
            self._hosted.names_run_in(kind),
            partial(self._speaking, within=told.lease_patience),
            worker=self._me,
            lease=told.lease,
            clock=self._clock,
            outages=self._outages,
            patience=told.poll,
        )

    def _control(self, told: GeneratorSettings) -> None:
        self._stops = StopService(
            partial(self._speaking, within=told.lease_patience),
            self._me,
            self._clock,
            self._worker.look_for_stops,
            stopped=self._calling_off.soon,
            outages=self._outages,
        )
        self._reconciliation = ReconciliationService(
            self._speaking,
            self._me,
            self._clock,
            resumed=self._worker.wake,
            given_up=self._calling_off.soon,
            show=self._metrics.show_parked,
        )
        self._reaping = Periodic("reaping", self._stops.reap, told.poll)
        self._announcing = AnnouncementService(
            self._speaking, self._hosted, self._clock, told.announcing
        )
        self._pauses = PauseService(
            self._quiet,
            self._hosted.names,
            self._me,
            announce=self._announcing.announce,
            resumed=self._worker.wake,
            show=self._metrics.show_paused,
            poll=told.poll,
        )

    def _open_doors(self, told: GeneratorSettings) -> None:
        wakeups = {
            WORK: self._worker.wake,
            STOP: self._worker.look_for_stops,
            CONTROL: self._pauses.look_soon,
        }
        self._listener = listener(self._engine, self._me, wakeups)
        names, publisher = self._hosted.names, self._publisher
        database = database_check(self._engine)
        subscribers: list[BatchSubscriber[Any]] = [
            control_subscriber(
                self._stops,
                self._pauses,
                self._reconciliation,
                ErasureService(self._speaking, self._me),
                publisher=publisher,
            ),
            *work_subscribers(names, self._admission, self._window, told.window, publisher),
        ]
        self._session = BrokerSession(
            make_broker(told.rabbitmq_url, app_id=NAME),
            publisher,
            subscribers,
            (*GENERATOR_QUEUES, *work_queues(names)),
            may_declare=told.may_declare,
            gate=database,
        )
        checks: dict[str, Check] = {
            "database": database,
            "broker": self._session.problem,
            "generators": self._hosted.problem,
        }
        store = store_readings(told.store_url)
        self.asgi = http_app(checks, self._numbers, self._relay, subscribers, store)

    async def start(self) -> None:
        self._scratch.open()
        self._relay.start()
        self._worker.start()
        watching = (self._listener, self._reaping, self._calling_off, self._reconciliation)
        for part in (*watching, self._window, self._session):
            part.start()
        self._introduction = asyncio.create_task(self._introduce(), name="introduction")

    async def _introduce(self) -> None:
        """Announce once there are queues for those who believe it."""
        await self._session.consuming.wait()
        self._announcing.start()
        self._pauses.start()

    async def stop(self) -> None:
        self._introduction.cancel()
        doors = (self._window, self._session, self._listener)
        for part in (self._announcing, self._pauses, *doors):
            await part.stop()
        await self._worker.stop(self._told.finishing_grace)
        counting = (self._reaping, self._calling_off, self._reconciliation)
        for last in (*counting, self._pool, self._relay):
            await last.stop()
        await self._session.close()
        for engine in (self._heart, self._relay_engine, self._engine):
            await close_engine(engine)
        self._scratch.close()
