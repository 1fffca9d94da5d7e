"""One process of the api with its keys."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast
from uuid import UUID

from prometheus_client import CollectorRegistry

from services.api.metrics import LimitMetrics
from services.api.models import ApiKey, Caller, Scope
from services.api.service.access import AccessService
from services.api.service.key_ring import KeyRing
from services.api.service.keys import KeyService, WantedKey
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import uuid7
from shared.testing import FixedClock
from tests.unit.api.fakes import FakeDatabase

READ = frozenset({Scope.MEDIA_READ})
ADMIN = Caller("shop", frozenset({Scope.KEYS, Scope.MEDIA_READ}), uuid7(), "admin")
FIRST_KEY = "the-key-of-the-settings-long-enough"


class Keys:
    """One process's view on the keys, and how often it has looked at the database."""

    def __init__(self, database: FakeDatabase, clock: FixedClock) -> None:
        self.database = database
        self.opened = 0
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.ring = KeyRing(cast("OpenUnitOfWork", self._read), clock)
        self.access = AccessService(self.ring, clock, FIRST_KEY)
        self.service = KeyService(
            database.unit_of_work,
            self.ring,
            clock,
            uuid7,
            most=100,
            limited=LimitMetrics(CollectorRegistry()),
        )

    async def __aenter__(self) -> "Keys":
        self.ring.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.ring.stop()

    async def made(
        self, caller: Caller = ADMIN, *, name: str = "app", lasting: timedelta | None = None
    ) -> tuple[ApiKey, str]:
        key, token = await self.service.create(caller, WantedKey(name, READ, None, lasting))
        assert token is not None
        return key, token

    def stored(self, key_id: UUID) -> ApiKey:
        return self.database.tables.api_keys[key_id]

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[ApiUnitOfWork]:
        self.opened += 1
        async with self.database.unit_of_work() as work:
            yield work
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
