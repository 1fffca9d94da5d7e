"""What every asset store does: the one in memory, the one of files, and one on S3."""

import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.clock import uuid7
from shared.storage import (
    AssetDamagedError,
    AssetNotFoundError,
    AssetStore,
    Spool,
    StorageUnavailableError,
    from_url,
    in_memory,
)
from tests.simulators.object_store import a_bucket, an_s3_server

BYTES = bytes(range(256)) * 4096
UNKNOWN = "0" * 64


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with an_s3_server() as address:
        yield address


@pytest.fixture(params=["memory", "files", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AssetStore:
    if request.param == "memory":
        return in_memory()
    if request.param == "s3":
        return a_bucket(request.getfixturevalue("s3"), f"bucket-{uuid7()}")
    return from_url((tmp_path / "a folder").as_uri())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "picture.bin"
    path.write_bytes(BYTES)
    return path


async def read(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_a_stored_file_is_known_by_the_hash_of_its_bytes(
    store: AssetStore, file: Path
) -> None:
    stored = await store.put_file(file)

    assert stored.sha256 == hashlib.sha256(BYTES).hexdigest()
    assert stored.size == len(BYTES) == await store.size(stored.sha256)


async def test_what_is_read_is_what_was_stored(store: AssetStore, file: Path) -> None:
    stored = await store.put_file(file)

    assert await read(store.stream(stored.sha256)) == BYTES


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (255, 257), (1000, None), (len(BYTES) - 1, len(BYTES)), (10, 10**9), (5, 5)],
)
async def test_a_range_ends_before_its_end(
    store: AssetStore, file: Path, start: int, end: int | None
) -> None:
    stored = await store.put_file(file)

    assert await read(store.stream(stored.sha256, start, end)) == BYTES[start:end]


async def test_a_range_behind_the_end_is_empty(store: AssetStore, file: Path) -> None:
    stored = await store.put_file(file)

    assert await read(store.stream(stored.sha256, len(BYTES) + 7)) == b""


async def test_storing_the_same_bytes_again_changes_nothing(
    store: AssetStore, file: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "twin.bin"
    twin.write_bytes(BYTES)

    assert await store.put_file(file) == await store.put_file(twin)


async def test_the_file_itself_is_left_where_it_is(store: AssetStore, file: Path) -> None:
    first = await store.put_file(file)

    assert await store.put_file(file) == first


async def test_an_unknown_hash_is_not_found(store: AssetStore) -> None:
    await store.put_bytes(BYTES)
    with pytest.raises(AssetNotFoundError):
        await store.size(UNKNOWN)
    with pytest.raises(AssetNotFoundError):
        await read(store.stream(UNKNOWN))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def in_pieces(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def test_what_comes_in_pieces_is_stored_like_a_file(store: AssetStore, file: Path) -> None:
    stored = await store.put_stream(in_pieces(BYTES))

    assert stored == await store.put_file(file)
    assert await read(store.stream(stored.sha256)) == BYTES


async def test_a_stream_that_breaks_off_leaves_nothing(store: AssetStore, tmp_path: Path) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield BYTES
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.put_stream(breaks())
    assert not files_in(tmp_path)
    await store.put_bytes(b"other bytes")
    with pytest.raises(AssetNotFoundError):
        await store.size(hashlib.sha256(BYTES).hexdigest())


async def test_an_asset_is_fetched_into_a_file(store: AssetStore, tmp_path: Path) -> None:
    stored = await store.put_bytes(BYTES)

    await store.fetch(stored.sha256, tmp_path / "fetched")

    assert (tmp_path / "fetched").read_bytes() == BYTES
    with pytest.raises(AssetNotFoundError):
        await store.fetch(UNKNOWN, tmp_path / "unknown")


async def test_bytes_that_have_changed_in_the_store_are_not_passed_off(tmp_path: Path) -> None:
    store = from_url((tmp_path / "store").as_uri())
    stored = await store.put_bytes(BYTES)
    [path] = files_in(tmp_path / "store")
    path.write_bytes(BYTES[:-1] + b"?")

    with pytest.raises(AssetDamagedError):
        await store.fetch(stored.sha256, tmp_path / "fetched")


async def test_a_folder_that_cannot_be_written_is_an_outage(tmp_path: Path) -> None:
    store = from_url((tmp_path / "store").as_uri())
    (tmp_path / "store" / "incoming").write_text("no folder")

    with pytest.raises(StorageUnavailableError):
        await store.put_stream(in_pieces(BYTES))


async def test_what_a_crash_left_long_ago_is_swept_away(tmp_path: Path) -> None:
    store = from_url((tmp_path / "store").as_uri())
    left, new = (tmp_path / "store" / "incoming" / name for name in ("left", "new"))
    left.parent.mkdir(parents=True)
    for path in (left, new):
        path.write_bytes(b"half of it")
    os.utime(left, (0, 0))

    await store.put_stream(in_pieces(BYTES))

    assert new.exists()
    assert not left.exists()


@pytest.mark.parametrize("buffering", [0, 1 << 20])
async def test_a_disk_that_is_full_is_an_outage(
    store: AssetStore, monkeypatch: pytest.MonkeyPatch, buffering: int
) -> None:
    async def write(spool: Spool) -> None:
        await spool.write(b"x")
        await spool.complete()

    with store.spool() as spool:
        monkeypatch.setattr(spool, "_file", Path("/dev/full").open("wb", buffering=buffering))  # noqa: ASYNC230, SIM115
        with pytest.raises(StorageUnavailableError, match="No space left"):
            await write(spool)


async def listed(store: AssetStore, sha256: str) -> list[str]:
    batches = [batch async for batch in store.list_by_beginning(sha256[:2])]
    return [one.sha256 for batch in batches for one in batch]


async def test_assets_are_listed_by_how_their_hash_begins(store: AssetStore) -> None:
    stored = await store.put_bytes(BYTES)

    [[one]] = [batch async for batch in store.list_by_beginning(stored.sha256[:2])]

    assert (one.sha256, one.size) == (stored.sha256, stored.size)
    assert abs(datetime.now(UTC) - one.stored_at) < timedelta(minutes=1)
    assert not [one async for batch in store.list_by_beginning("00") for one in batch]


async def test_what_is_old_can_be_removed_and_what_is_new_stays(store: AssetStore) -> None:
    stored = await store.put_bytes(BYTES)
    now = datetime.now(UTC)

    assert not await store.remove(stored.sha256, now - timedelta(hours=1))
    assert await store.size(stored.sha256) == len(BYTES)
    assert await store.remove(stored.sha256, now + timedelta(hours=1))
    with pytest.raises(AssetNotFoundError):
        await store.size(stored.sha256)
    assert not await store.remove(stored.sha256, now + timedelta(hours=1))
    assert not await listed(store, stored.sha256)


async def test_what_was_removed_can_be_stored_again(store: AssetStore) -> None:
    stored = await store.put_bytes(BYTES)
    await store.remove(stored.sha256, datetime.now(UTC) + timedelta(hours=1))

    await store.put_bytes(BYTES)

    assert await read(store.stream(stored.sha256)) == BYTES


async def test_a_store_belongs_to_whoever_asked_first(store: AssetStore) -> None:
    assert [await store.owner(name) for name in ("one", "other", "one")] == ["one"] * 3
