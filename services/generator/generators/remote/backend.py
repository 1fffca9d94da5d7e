"""One configured account at a provider: its limits, its circuit breaker, its connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, Generic, TypeVar

import httpx
import structlog

from services.generator.generators.remote.breaker import CircuitBreaker, State
from services.generator.generators.remote.errors import (
    NOT_TAKEN,
    AnswerLostError,
    NoRoomError,
    ProviderAccessError,
    ProviderLimitedError,
)
from services.generator.generators.remote.http import Session, authorities
from services.generator.generators.remote.rate import PATIENCE, TokenBucket
from services.generator.generators.remote.settings import BackendSettings
from shared.errors import DarkroomError

SettingsT = TypeVar("SettingsT", bound=BackendSettings)

CONNECT: Final = timedelta(seconds=10)
FULL: Final = timedelta(seconds=0.2)

log = structlog.get_logger(__name__)


class Backend(Generic[SettingsT]):
    """Lives as long as the worker."""

    def __init__(self, told: SettingsT) -> None:
        self.told = told
        self.name = told.name
        self.breaker = CircuitBreaker(told.name, failures=told.breaker_failures, rest=told.rest)
        self._bucket = TokenBucket(told.name, told.requests_per_minute)
        self._places = asyncio.Semaphore(told.max_concurrency)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Session]:
        """Room for one order, kept until it is done, and a session to give it with.

        Raises `CircuitOpenError` or `NoRoomError` when there is none soon.
        """
        self.breaker.enter()
        try:
            await self._find_room()
        except BaseException:
            self.breaker.left()
            raise
        try:
            async with self.session() as session:
                yield session
        finally:
            self.breaker.left()
            self._places.release()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session for an order that is there already: neither limits nor breaker apply."""
        seconds = self.told.timeout_seconds
        async with httpx.AsyncClient(
            base_url=self.told.base_url,
            headers={"User-Agent": "darkroom", **self.told.authorization},
            verify=authorities(),
            timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT.total_seconds())),
        ) as client:
            yield Session(self.name, client)

    def succeeded(self) -> None:
        """It took an order, or had a good reason not to."""
        self.breaker.succeeded()

    def failed(self, error: Exception) -> None:
        """It did not take an order, or nobody knows."""
        said = error.extra.get("said") if isinstance(error, DarkroomError) else None
        log.warning("provider.refused", backend=self.name, error=str(error), said=said)
        if isinstance(error, ProviderLimitedError):
            self.breaker.succeeded()
            self._bucket.close(error.retry_after or timedelta(seconds=1))
        elif isinstance(error, ProviderAccessError):
            self.breaker.trip()
        elif isinstance(error, (*NOT_TAKEN, AnswerLostError)):
            self.breaker.failed()
        else:
            self.breaker.succeeded()
            return
        if self.breaker.state is State.OPEN:
            log.error("provider.left_alone", backend=self.name, seconds=self.told.breaker_seconds)

    async def _find_room(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await self._places.acquire()
        except TimeoutError:
            raise NoRoomError(
                f"As many orders as {self.name} may have are under way.", retry_after=FULL
            ) from None
        try:
            await asyncio.sleep(self._bucket.take().total_seconds())
        except BaseException:
            self._places.release()
            raise
