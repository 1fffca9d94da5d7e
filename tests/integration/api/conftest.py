"""The api on real servers, and the same database once more in memory for the conformance tests."""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from services.api.app import ApiApp
from services.api.settings import ApiSettings
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import SystemClock
from shared.database.engine import create_engine
from shared.messaging import topology
from shared.messaging.declare import declare
from shared.messaging.publisher import Publisher
from shared.testing import a_generator_announced, eventually
from tests.conftest import MakeDatabase
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.fakes import FakeDatabase


@pytest.fixture
async def postgres(make_database: MakeDatabase) -> AsyncIterator[OpenUnitOfWork]:
    """Units of work on a migrated database."""
    engine = create_engine(make_database("api"), application="test")
    yield lambda: ApiUnitOfWork(engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def unit_of_work(request: pytest.FixtureRequest) -> OpenUnitOfWork:
    """Both implementations of the api's database."""
    if request.param == "memory":
        return FakeDatabase(SystemClock()).unit_of_work
    opened: OpenUnitOfWork = request.getfixturevalue("postgres")
    return opened


@pytest.fixture
def settings(
    make_database: MakeDatabase, rabbitmq_url: str, tmp_path_factory: pytest.TempPathFactory
) -> ApiSettings:
    return ApiSettings(
        database_url=make_database("api"),
        rabbitmq_url=rabbitmq_url,
        store_url=tmp_path_factory.mktemp("assets").as_uri(),
        port=0,
        catalogue_seconds=0.2,
        fair_share=0,  # the requests of the only tenant are looked for in one queue
    )


@pytest.fixture(scope="session")
def servers_thread() -> Iterator[ThreadPoolExecutor]:
    """Servers end with the thread that started them, so it lives as long as the session."""
    with ThreadPoolExecutor(1) as thread:
        yield thread


@pytest.fixture
async def neighbours(rabbitmq_url: str) -> AsyncIterator[Neighbours]:
    """The other services, as far as the broker sees them."""
    publisher = Publisher(rabbitmq_url, app_id="neighbour")
    await publisher.start()
    await declare(publisher.connection, topology.all_queues(["card"]))
    yield Neighbours(publisher)
    await publisher.stop()


@pytest.fixture
async def app(settings: ApiSettings, neighbours: Neighbours) -> AsyncIterator[ApiApp]:
    """A running api."""
    app = ApiApp(settings)
    await app.start()
    yield app
    await app.stop()


@pytest.fixture
async def client(app: ApiApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


@pytest.fixture
async def cards(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    """Cards can be asked for."""
    await neighbours.say(a_generator_announced())

    async def known() -> None:
        assert (await client.get("/v1/generators/card")).status_code == 200

    await eventually(known)
