"""What is particular to assets on S3: addresses for anybody, types, age."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from shared.clock import uuid7
from shared.storage import AssetStore, StorageUnavailableError
from tests.simulators.object_store import a_bucket, an_s3_server

PICTURE = b"\x89PNG" + bytes(1000)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with an_s3_server() as address:
        yield address


@pytest.fixture
def store(s3: str) -> AssetStore:
    return a_bucket(s3, f"bucket-{uuid7()}")


async def test_a_presigned_address_answers_anybody_with_bytes_type_and_ranges(
    store: AssetStore,
) -> None:
    stored = await store.put_bytes(PICTURE, "image/png")

    url = await store.presigned(stored.sha256, timedelta(minutes=1))
    assert url is not None
    async with httpx.AsyncClient() as anybody:
        whole = await anybody.get(url)
        part = await anybody.get(url, headers={"Range": "bytes=1-3"})

    assert (whole.status_code, whole.content) == (200, PICTURE)
    assert whole.headers["content-type"] == "image/png"
    assert (part.status_code, part.content) == (206, b"PNG")


async def test_bytes_that_were_there_for_long_are_written_again(
    store: AssetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await store.put_bytes(PICTURE)
    [[before]] = [batch async for batch in store.list_by_beginning(stored.sha256[:2])]
    monkeypatch.setattr("shared.storage.store.REFRESH_SECONDS", -1.0)

    await store.put_bytes(PICTURE, "image/png")

    [[after]] = [batch async for batch in store.list_by_beginning(stored.sha256[:2])]
    assert after.stored_at >= before.stored_at
    url = await store.presigned(stored.sha256, timedelta(minutes=1))
    async with httpx.AsyncClient() as anybody:
        assert (await anybody.get(str(url))).headers["content-type"] == "image/png"


async def test_a_bucket_that_is_gone_is_an_outage(s3: str) -> None:
    name = f"bucket-{uuid7()}"
    store = a_bucket(s3, name)
    async with httpx.AsyncClient() as administrator:
        (await administrator.delete(f"{s3}/{name}")).raise_for_status()

    with pytest.raises(StorageUnavailableError):
        await store.put_bytes(PICTURE)
    with pytest.raises(StorageUnavailableError):
        await store.owner("me")
    with pytest.raises(StorageUnavailableError):
        [batch async for batch in store.list_by_beginning("00")]
