"""What is particular to assets kept as files, and to the URLs of stores."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.storage import AssetStore, BadStoreUrlError, StorageUnavailableError, from_url


async def test_assets_are_files_under_their_hash(tmp_path: Path) -> None:
    source = tmp_path / "ok.txt"
    source.write_bytes(b"ok")
    store = from_url((tmp_path / "store").as_uri())

    stored = await store.put_file(source)

    path = tmp_path / "store" / "sha256" / stored.sha256[:2] / stored.sha256[2:]
    assert path.read_bytes() == b"ok"


async def test_bytes_that_are_there_are_not_written_again(tmp_path: Path) -> None:
    source = tmp_path / "ok.txt"
    source.write_bytes(b"ok")
    store = from_url((tmp_path / "store").as_uri())
    stored = await store.put_file(source)
    path = tmp_path / "store" / "sha256" / stored.sha256[:2] / stored.sha256[2:]
    written = path.stat()

    await store.put_file(source)

    assert path.stat().st_mtime_ns == written.st_mtime_ns
    assert path.stat().st_ino == written.st_ino


async def test_half_an_asset_is_replaced_by_the_whole(tmp_path: Path) -> None:
    source = tmp_path / "ok.txt"
    source.write_bytes(b"whole")
    store = from_url((tmp_path / "store").as_uri())
    stored = await store.put_file(source)
    path = tmp_path / "store" / "sha256" / stored.sha256[:2] / stored.sha256[2:]
    path.write_bytes(b"wh")

    await store.put_file(source)

    assert path.read_bytes() == b"whole"


async def test_a_folder_that_cannot_be_written_is_a_passing_failure(tmp_path: Path) -> None:
    source = tmp_path / "ok.txt"
    source.write_bytes(b"ok")
    store = from_url((tmp_path / "store").as_uri())
    (tmp_path / "store" / "sha256").write_text("a file where a folder should be")

    with pytest.raises(StorageUnavailableError):
        await store.put_file(source)


@pytest.mark.parametrize("url", ["", "pictures", "file://host/folder", "file:///", "s3:///prefix"])
def test_a_url_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(BadStoreUrlError, match="URL"):
        from_url(url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(BadStoreUrlError, match="cannot be opened"):
        from_url((tmp_path / "file" / "store").as_uri())


def test_a_bucket_is_opened_without_asking_it() -> None:
    assert isinstance(from_url("s3://bucket/prefix"), AssetStore)


def path_of(store: Path, sha256: str) -> Path:
    return store / "sha256" / sha256[:2] / sha256[2:]


async def test_bytes_that_were_there_for_long_are_new_again_when_they_are_stored(
    tmp_path: Path,
) -> None:
    store = from_url(tmp_path.as_uri())
    stored = await store.put_bytes(b"ok")
    os.utime(path_of(tmp_path, stored.sha256), (0, 0))

    await store.put_bytes(b"ok")

    assert not await store.remove(stored.sha256, datetime.now(UTC) - timedelta(minutes=1))
    assert path_of(tmp_path, stored.sha256).read_bytes() == b"ok"


async def test_what_a_crash_left_of_a_file_is_removed_when_it_is_old(tmp_path: Path) -> None:
    store = from_url(tmp_path.as_uri())
    stored = await store.put_bytes(b"ok")
    whole = path_of(tmp_path, stored.sha256)
    old, new = whole.with_name(f"{whole.name}#old"), whole.with_name(f"{whole.name}#new")
    for part in (old, new):
        part.write_bytes(b"o")
    os.utime(old, (0, 0))

    [[one]] = [batch async for batch in store.list_by_beginning(stored.sha256[:2])]

    assert one.sha256 == stored.sha256
    assert (old.exists(), new.exists()) == (False, True)


async def test_nobody_but_us_can_fetch_from_a_folder(tmp_path: Path) -> None:
    assert await from_url(tmp_path.as_uri()).presigned("0" * 64, timedelta(minutes=1)) is None


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
async def test_a_store_whose_folder_has_vanished_is_away_and_says_what_to_look_at(
    tmp_path: Path, left: str
) -> None:
    folder = tmp_path / "store"
    store = from_url(folder.as_uri())
    stored = await store.put_bytes(b"ok")
    folder.rename(tmp_path / "elsewhere")
    if left == "an empty folder":
        folder.mkdir()

    with pytest.raises(StorageUnavailableError, match="volume is mounted") as caught:
        await store.size(stored.sha256)
    assert str(folder) not in caught.value.detail
    with pytest.raises(StorageUnavailableError):
        await store.fetch(stored.sha256, tmp_path / "fetched")

    if left == "an empty folder":
        folder.rmdir()
    (tmp_path / "elsewhere").rename(folder)
    assert await store.size(stored.sha256) == 2
