"""A client and the API in memory that it talks to."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shared.client import DarkroomClient
from tests.unit.client.fake_api import FakeApi


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest_asyncio.fixture
async def darkroom(api: FakeApi) -> AsyncIterator[DarkroomClient]:
    async with DarkroomClient("http://api.test", transport=api.transport) as client:
        yield client
