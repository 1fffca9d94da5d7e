"""Downloading what came out."""

import hashlib
from pathlib import Path

import httpx
import pytest

from services.api.models import Job, Status
from shared.storage import AssetStore
from tests.unit.api.builders import a_job
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem

BYTES = b"\x89PNG" + bytes(range(256)) * 300
SHA256 = hashlib.sha256(BYTES).hexdigest()


def an_asset_of(sha256: str = SHA256, **changes: object) -> dict[str, object]:
    values = {"sha256": sha256, "media_type": "image/png", "size": len(BYTES), "role": "primary"}
    return {**values, **changes}


@pytest.fixture
async def job(database: FakeDatabase, assets: AssetStore, tmp_path: Path) -> Job:
    path = tmp_path / "card.png"
    path.write_bytes(BYTES)
    await assets.put_file(path)
    captions = an_asset_of(role="captions", filename='a "fine" résumé/1.png')
    job = a_job(status=Status.READY, assets=(captions, an_asset_of()))
    database.tables.jobs[job.id] = job
    return job


async def test_the_content_is_the_primary_asset_under_its_hash(
    client: httpx.AsyncClient, job: Job
) -> None:
    response = await client.get(f"/v1/media/{job.id}/content")

    assert response.content == BYTES
    assert response.headers["etag"] == f'"{SHA256}"'
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-length"] == str(len(BYTES))
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-disposition"] == f'inline; filename="{job.id}.png"'
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_head_says_the_same_without_the_bytes(client: httpx.AsyncClient, job: Job) -> None:
    got = await client.get(f"/v1/media/{job.id}/content")
    head = await client.head(f"/v1/media/{job.id}/content")

    assert head.content == b""
    assert dict(head.headers) == dict(got.headers)


async def test_a_client_that_has_it_gets_304(client: httpx.AsyncClient, job: Job) -> None:
    headers = {"If-None-Match": f'"{SHA256}"'}

    response = await client.get(f"/v1/media/{job.id}/content", headers=headers)

    assert (response.status_code, response.content) == (304, b"")


async def test_a_part_is_206(client: httpx.AsyncClient, job: Job) -> None:
    response = await client.get(f"/v1/media/{job.id}/content", headers={"Range": "bytes=100-199"})

    assert response.status_code == 206
    assert response.content == BYTES[100:200]
    assert response.headers["content-range"] == f"bytes 100-199/{len(BYTES)}"


async def test_bytes_past_the_end_are_416(client: httpx.AsyncClient, job: Job) -> None:
    response = await client.get(f"/v1/media/{job.id}/content", headers={"Range": "bytes=999999-"})

    problem(response, 416, "range_not_satisfiable")
    assert response.headers["content-range"] == f"bytes */{len(BYTES)}"


async def test_every_asset_has_an_address_and_its_own_name(
    client: httpx.AsyncClient, job: Job
) -> None:
    response = await client.get(f"/v1/media/{job.id}/assets/0")

    assert response.content == BYTES
    assert response.headers["content-disposition"] == (
        'inline; filename="a _fine_ r_sum__1.png"; '
        "filename*=UTF-8''a%20%22fine%22%20r%C3%A9sum%C3%A9_1.png"
    )


async def test_what_is_not_there_yet_is_409_and_what_never_will_be_404(
    client: httpx.AsyncClient, database: FakeDatabase, job: Job
) -> None:
    queued, failed = a_job(), a_job(status=Status.FAILED)
    lost = a_job(status=Status.READY, assets=(an_asset_of("ff" * 32),))
    database.tables.jobs.update({one.id: one for one in (queued, failed, lost)})

    problem(await client.get(f"/v1/media/{queued.id}/content"), 409, "not_ready")
    problem(await client.get(f"/v1/media/{failed.id}/content"), 404, "not_found")
    problem(await client.get(f"/v1/media/{lost.id}/content"), 404, "asset_not_found")
    problem(await client.get(f"/v1/media/{job.id}/assets/7"), 404, "not_found")
    problem(await client.get(f"/v1/media/{job.id}/assets/x"), 422, "invalid_input")
    problem(await client.get("/v1/media/garbage/content"), 404, "not_found")
