"""The api's services on a database in memory, with a card generator announced."""

from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.routes import http_app
from services.api.service import ApiServices, make_services
from shared.clock import uuid7
from shared.storage import AssetStore, in_memory
from shared.testing import FixedClock
from tests.unit.api.builders import an_announced_generator
from tests.unit.api.fakes import FakeDatabase


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
async def services(
    database: FakeDatabase, clock: FixedClock, registry: CollectorRegistry, assets: AssetStore
) -> AsyncIterator[ApiServices]:
    services = make_services(database.unit_of_work, assets, clock, uuid7, registry)
    services.requests.start()
    yield services
    await services.requests.stop()


@pytest.fixture
async def client(services: ApiServices) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=http_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client
