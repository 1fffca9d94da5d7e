"""The api with its keys needed, on a database in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.api.routes import http_app
from services.api.service import ApiServices
from tests.unit.api.guarded import FIRST_KEY


@pytest.fixture
def operator_key() -> str | None:
    return FIRST_KEY


@pytest.fixture
async def client(services: ApiServices) -> AsyncIterator[httpx.AsyncClient]:
    app = http_app(services, keys_needed=True)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client
