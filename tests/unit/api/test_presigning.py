"""Files on S3: through the api, or by an address that the store itself answers."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.routes import http_app
from services.api.service import Keeping, make_services
from shared.clock import uuid7
from shared.storage import AssetStore
from shared.testing import FixedClock, RecordingPublisher
from tests.simulators.object_store import a_bucket, an_s3_server
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_uploads import a_png


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with an_s3_server() as address:
        yield address


@pytest.fixture
def assets(s3: str) -> AssetStore:
    return a_bucket(s3, f"bucket-{uuid7()}")


@pytest.fixture(params=[None, timedelta(minutes=5)], ids=["through", "redirected"])
def presigned_for(request: pytest.FixtureRequest) -> timedelta | None:
    chosen: timedelta | None = request.param
    return chosen


@pytest.fixture
async def client(
    database: FakeDatabase,
    assets: AssetStore,
    clock: FixedClock,
    presigned_for: timedelta | None,
) -> AsyncIterator[httpx.AsyncClient]:
    services = make_services(
        database.unit_of_work,
        assets,
        RecordingPublisher(),
        clock=clock,
        new_id=uuid7,
        registry=CollectorRegistry(),
        keeping=Keeping(presigned_for=presigned_for),
    )
    transport = httpx.ASGITransport(app=http_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


async def fetched(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    """The answer, wherever it comes from."""
    response = await client.get(path, headers=headers)
    if response.status_code != 307:
        return response
    assert response.headers["cache-control"] == "no-store"
    async with httpx.AsyncClient() as anybody:
        return await anybody.get(response.headers["location"], headers=headers)


async def test_a_file_on_s3_is_the_same_whoever_answers(
    client: httpx.AsyncClient, presigned_for: timedelta | None
) -> None:
    sent = a_png()
    path = (await client.post("/v1/uploads", content=sent)).json()["urls"]["content"]

    whole, part = await fetched(client, path), await fetched(client, path, range="bytes=1-3")

    assert (whole.status_code, whole.content) == (200, sent)
    assert (part.status_code, part.content) == (206, b"PNG")
    assert whole.headers["content-type"] == part.headers["content-type"] == "image/png"
    redirected = (await client.get(path)).status_code == 307
    assert redirected is (presigned_for is not None)


async def test_what_needs_no_bytes_is_answered_here(client: httpx.AsyncClient) -> None:
    upload = (await client.post("/v1/uploads", content=a_png())).json()
    path = upload["urls"]["content"]

    head = await client.head(path)
    known = await client.get(path, headers={"If-None-Match": f'"{upload["sha256"]}"'})

    assert (head.status_code, head.headers["content-length"]) == (200, str(upload["size"]))
    assert known.status_code == 304
