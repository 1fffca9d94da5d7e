"""The way of a job through a provider: ordered once, whatever happens in between.

Before an order its intention is noted, after it what the provider calls it; only then it is waited
for. A worker that takes a job over goes on from the note. Where it is not known whether an order
arrived, the provider is asked; where it cannot be, nobody orders again and somebody has to look.
"""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter
from typing import Any, ClassVar, Generic, TypeVar

import structlog
from pydantic import BaseModel

from services.generator.generators.remote.backend import Backend
from services.generator.generators.remote.doubt import asked_again, nobody_knows
from services.generator.generators.remote.downloads import Downloads
from services.generator.generators.remote.errors import (
    NOT_TAKEN,
    REFUSED,
    AnswerLostError,
    NoRoomError,
    ProviderUnavailableError,
)
from services.generator.generators.remote.http import Session
from services.generator.generators.remote.offers import Offer, affordable, reason_of
from services.generator.generators.remote.rate import PATIENCE
from services.generator.generators.remote.settings import BackendSettings, RemoteSettings
from shared.errors import DarkroomError, TimedOutError, UnknownOutcomeError
from shared.generators import AssetFile, Execution, Generator, GeneratorContext, ProviderJob

InputT = TypeVar("InputT", bound=BaseModel)
SettingsT = TypeVar("SettingsT", bound=BackendSettings)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What a provider has taken: its id there, and its whole answer where it has one already.

    `seconds`: how long it took to answer, where that was seen.
    """

    id: str | None = None
    answer: Any = None
    seconds: float = 0.0

    @property
    def stages(self) -> dict[str, float]:
        """For the provenance."""
        return {"ordering": round(self.seconds, 3)} if self.seconds else {}


@dataclass(frozen=True, slots=True)
class Assignment(Generic[InputT, SettingsT]):
    """One job at one backend; `number` is the attempt that ordered, or orders now."""

    backend: Backend[SettingsT]
    session: Session
    input: InputT
    context: GeneratorContext
    number: int
    downloads: Downloads

    @property
    def told(self) -> SettingsT:
        return self.backend.told

    @property
    def key(self) -> str:
        """The same for everybody who gives this very order."""
        return f"{self.context.job_id}-{self.number}"

    def charge(self, cost: float | None) -> None:
        """What the order costs, as soon as that is certain."""
        self.context.bill.charge(self.backend.name, None if cost is None else round(cost, 6))


class RemoteGenerator(Generator[InputT], Generic[InputT, SettingsT]):
    """Subclasses know the protocol: `offers`, `prepare`, `submit`, `look_for`, `collect`."""

    execution: ClassVar[Execution] = Execution.LOOP
    longest: ClassVar[timedelta]
    """An order may take this; its turn may be long in coming, `limits.wall_clock` counts both."""
    settings: ClassVar[type[RemoteSettings]]

    def __init__(self) -> None:
        self.told = self.settings()
        self.backends: dict[str, Backend[SettingsT]] = {
            told.name: Backend(told) for told in self.told.backends
        }

    @classmethod
    def unavailable(cls) -> str | None:
        """Which setting is missing."""
        return cls.settings.lacking()

    @classmethod
    def max_cost(cls) -> float | None:
        """What the dearest backend can ask for one job, or what the settings allow."""
        return cls.settings().most

    @abstractmethod
    def offers(self, input: InputT) -> Sequence[Offer[SettingsT]]:
        """The backends that can make it. Raises `InvalidInputError` when there is none."""

    async def prepare(self, job: Assignment[InputT, SettingsT]) -> Any:  # noqa: ARG002
        """What has to be there before the order: uploads. May fail and be done again freely."""
        return None

    @abstractmethod
    async def submit(self, job: Assignment[InputT, SettingsT], prepared: Any) -> Order:
        """Order it."""

    async def look_for(self, job: Assignment[InputT, SettingsT]) -> Order | None:
        """The order that may or may not have arrived; None: it certainly did not."""
        raise nobody_knows(job.backend.name)

    @abstractmethod
    async def collect(
        self, job: Assignment[InputT, SettingsT], order: Order
    ) -> Sequence[AssetFile]:
        """Wait for the order, charge it, and bring home what was made."""

    async def generate(self, input: InputT, context: GeneratorContext) -> list[AssetFile]:
        """Order once, or go on with what was ordered. Raises the errors of this package."""
        known = await context.provider_jobs.find()
        if known is not None:
            files = await self._go_on(known, input, context)
            if files is not None:
                return list(files)
        cap = getattr(input, "max_cost", None)
        offers = affordable(self.offers(input), cap, self.told.max_cost)
        while True:
            try:
                return list(await self._order_somewhere(offers, input, context))
            except NoRoomError as full:
                await context.progress(None, "Waiting for its turn")
                wait = min(full.retry_after or PATIENCE, PATIENCE)
            await asyncio.sleep(wait.total_seconds())

    async def _order_somewhere(
        self, offers: Sequence[Offer[SettingsT]], input: InputT, context: GeneratorContext
    ) -> Sequence[AssetFile]:
        """Raises `NoRoomError` when nothing but our own limits is in the way."""
        refusals: list[DarkroomError] = []
        for offer in offers:
            async with AsyncExitStack() as stack:
                try:
                    session = await stack.enter_async_context(offer.backend.place())
                    await stack.enter_async_context(within(self.longest))
                    job = self._assignment(offer.backend, session, input, context)
                    order = await self._order(job)
                except NOT_TAKEN as refusal:
                    refusals.append(refusal)
                    continue
                return await self.collect(job, order)
        raise reason_of(refusals)

    async def _order(self, job: Assignment[InputT, SettingsT]) -> Order:
        """Raises an error of `NOT_TAKEN` where another backend may be asked."""
        prepared = await self._prepared(job)
        jobs = job.context.provider_jobs
        await jobs.intend(job.backend.name)
        job.charge(None)
        began = perf_counter()
        try:
            order = await self.submit(job, prepared)
        except AnswerLostError as lost:
            job.backend.failed(lost)
            return await self._found(job, lost)
        except REFUSED as refusal:
            await jobs.forget()
            job.backend.failed(refusal)
            raise
        job.backend.succeeded()
        return await _noted(job, replace(order, seconds=perf_counter() - began))

    async def _prepared(self, job: Assignment[InputT, SettingsT]) -> Any:
        try:
            return await self.prepare(job)
        except AnswerLostError as lost:
            job.backend.failed(lost)
            raise ProviderUnavailableError(lost.detail, retry_after=lost.retry_after) from lost
        except NOT_TAKEN as refusal:
            job.backend.failed(refusal)
            raise

    async def _found(self, job: Assignment[InputT, SettingsT], lost: AnswerLostError) -> Order:
        found = await asked_again(lambda: self.look_for(job), job.backend.name)
        if found is not None:
            return await _noted(job, found)
        await job.context.provider_jobs.forget()
        raise ProviderUnavailableError(f"{lost.detail} It has not taken the order.") from lost

    async def _go_on(
        self, known: ProviderJob, input: InputT, context: GeneratorContext
    ) -> Sequence[AssetFile] | None:
        """What came of the order; None: it never arrived, and may be given now."""
        backend = self.backends.get(known.provider)
        if backend is None:
            raise UnknownOutcomeError(
                f"It was ordered at {known.provider}, which is not among the backends here: "
                "add it to the settings again, then go on with the same order."
            )
        async with backend.session() as session, within(self.longest):
            job = self._assignment(backend, session, input, context, known.attempt)
            job.charge(None)
            order: Order | None = Order(known.id)
            if known.id is None:
                order = await asked_again(lambda: self.look_for(job), known.provider)
            if order is not None:
                if known.id is None:
                    order = await _noted(job, order)
                return await self.collect(job, order)
        await context.provider_jobs.forget()
        return None

    def _assignment(
        self,
        backend: Backend[SettingsT],
        session: Session,
        input: InputT,
        context: GeneratorContext,
        number: int | None = None,
    ) -> Assignment[InputT, SettingsT]:
        downloads = Downloads(
            backend.told,
            media_types=self.media_types,
            largest=self.limits.output_bytes,
        )
        attempt = context.attempt if number is None else number
        return Assignment(backend, session, input, context, attempt, downloads)


async def _noted(job: Assignment[Any, Any], order: Order) -> Order:
    if order.id is not None:
        await job.context.provider_jobs.submitted(order.id)
    log.info(
        "provider.ordered",
        job_id=str(job.context.job_id),
        backend=job.backend.name,
        provider_id=order.id,
        seconds=round(order.seconds, 3),
    )
    return order


@asynccontextmanager
async def within(longest: timedelta) -> AsyncIterator[None]:
    """Raises `TimedOutError` for what takes longer; whoever tries again finds the order."""
    try:
        async with asyncio.timeout(longest.total_seconds()) as clock:
            yield
    except TimeoutError as error:
        if not clock.expired():
            raise
        seconds = longest.total_seconds()
        raise TimedOutError(f"The provider took longer than {seconds:g} s.") from error
