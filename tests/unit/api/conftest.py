"""The api's services on a database in memory, with a card generator announced."""

from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.models import TenantLimits
from services.api.routes import http_app
from services.api.service import ApiServices, make_services
from services.api.service.backlog import QueueLimits
from shared.clock import uuid7
from shared.storage import AssetStore, in_memory
from shared.testing import FixedClock, RecordingPublisher
from tests.unit.api.builders import an_announced_generator
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.keys_in_use import Keys


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def database(clock: FixedClock) -> FakeDatabase:
    database = FakeDatabase(clock)
    card = an_announced_generator()
    database.tables.generators[card.name] = card
    return database


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def assets() -> AssetStore:
    return in_memory()


@pytest.fixture
def publisher() -> RecordingPublisher:
    return RecordingPublisher()


@pytest.fixture
def limits() -> QueueLimits:
    """As many as there are may wait."""
    return QueueLimits()


@pytest.fixture
def tenant_limits() -> TenantLimits:
    """Tenants may use as much as there is."""
    return TenantLimits()


@pytest.fixture
def operator_key() -> str | None:
    """There are no keys."""
    return None


@pytest.fixture
async def services(
    database: FakeDatabase,
    clock: FixedClock,
    *,
    registry: CollectorRegistry,
    assets: AssetStore,
    publisher: RecordingPublisher,
    limits: QueueLimits,
    tenant_limits: TenantLimits,
    operator_key: str | None,
) -> AsyncIterator[ApiServices]:
    services = make_services(
        database.unit_of_work,
        assets,
        publisher,
        clock=clock,
        new_id=uuid7,
        registry=registry,
        limits=limits,
        operator_key=operator_key,
        tenant_limits=tenant_limits,
    )
    services.key_ring.start()
    services.rates.start()
    services.requests.start()
    yield services
    await services.requests.stop()
    await services.rates.stop()
    await services.key_ring.stop()


@pytest.fixture
async def client(services: ApiServices) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=http_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


@pytest.fixture
async def keys(database: FakeDatabase, clock: FixedClock) -> AsyncIterator[Keys]:
    """One process that knows who calls."""
    async with Keys(database, clock) as keys:
        yield keys


@pytest.fixture
async def elsewhere(database: FakeDatabase, clock: FixedClock) -> AsyncIterator[Keys]:
    """Another process."""
    async with Keys(database, clock) as keys:
        yield keys
