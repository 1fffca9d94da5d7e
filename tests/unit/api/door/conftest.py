"""The api with its keys needed, on a database in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.models import TenantLimits
from services.api.routes import http_app
from services.api.service import ApiServices, make_services
from shared.clock import uuid7
from shared.storage import AssetStore
from shared.testing import FixedClock, RecordingPublisher
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.guarded import FIRST_KEY


@pytest.fixture
async def services(
    database: FakeDatabase,
    clock: FixedClock,
    *,
    registry: CollectorRegistry,
    assets: AssetStore,
    publisher: RecordingPublisher,
    tenant_limits: TenantLimits,
) -> AsyncIterator[ApiServices]:
    services = make_services(
        database.unit_of_work,
        assets,
        publisher,
        clock=clock,
        new_id=uuid7,
        registry=registry,
        operator_key=FIRST_KEY,
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
    app = http_app(services, keys_needed=True)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client
