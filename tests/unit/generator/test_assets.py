"""From files to assets: checked, bounded, described, stored."""

from pathlib import Path

import pytest

from services.generator.assets.intake import AssetIntake
from services.generator.errors import BadOutputError, OutputTooLargeError
from services.generator.generators.flaky import picture
from shared.events import Asset
from shared.generators import AssetFile, Role
from shared.storage import AssetStore, in_memory


@pytest.fixture
def store() -> AssetStore:
    return in_memory()


async def take_in(
    store: AssetStore, scratch: Path, *files: AssetFile, largest: int = 10_000
) -> tuple[Asset, ...]:
    return await AssetIntake(store).take_in(files, scratch=lambda: scratch, largest=largest)


async def test_an_asset_is_stored_and_described(store: AssetStore, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(picture(1))

    [asset] = await take_in(store, tmp_path, AssetFile(path, provenance={"seed": 1}))

    assert (asset.media_type, asset.width, asset.height) == ("image/png", 64, 64)
    assert (asset.filename, asset.role, asset.provenance) == ("picture.png", "primary", {"seed": 1})
    assert await store.size(asset.sha256) == asset.size == len(picture(1))


async def test_where_it_comes_from_stands_with_every_file(
    store: AssetStore, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(picture(1))
    file = AssetFile(path, provenance={"seed": 8, "stages": {"paint": 0.1}})

    [asset] = await AssetIntake(store).take_in(
        [file],
        scratch=lambda: tmp_path,
        largest=10_000,
        origin={"generator": "art", "version": "1.0.0", "seed": 7},
    )

    assert asset.provenance == {
        "generator": "art",
        "version": "1.0.0",
        "seed": 8,  # the generator's own word counts
        "stages": {"paint": 0.1},
    }


async def test_bytes_are_stored_and_described_like_a_file(
    store: AssetStore, tmp_path: Path
) -> None:
    content = picture(1)

    [asset] = await take_in(store, tmp_path, AssetFile.of_bytes(content, "picture.png"))

    assert (asset.media_type, asset.width, asset.filename) == ("image/png", 64, "picture.png")
    assert await store.size(asset.sha256) == asset.size == len(content)


async def test_no_bytes_are_no_file(store: AssetStore, tmp_path: Path) -> None:
    with pytest.raises(BadOutputError, match="empty"):
        await take_in(store, tmp_path, AssetFile.of_bytes(b"", "nothing.txt"))


async def test_the_same_file_twice_is_two_assets_with_the_same_bytes(
    store: AssetStore, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"ok")

    first, second = await take_in(store, tmp_path, AssetFile(path), AssetFile(path))

    assert first.sha256 == second.sha256


async def test_files_in_folders_of_the_scratch_folder_are_taken(
    store: AssetStore, tmp_path: Path
) -> None:
    path = tmp_path / "pages" / "1.txt"
    path.parent.mkdir()
    path.write_bytes(b"ok")

    assert len(await take_in(store, tmp_path, AssetFile(path))) == 1


async def test_files_outside_of_scratch_are_refused(store: AssetStore, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"secret")
    link, folder = scratch / "link.txt", scratch / "folder"
    link.symlink_to(secret)
    folder.symlink_to(tmp_path)

    for path in (secret, link, folder / "secret.txt", scratch / ".." / "secret.txt"):
        with pytest.raises(BadOutputError):
            await take_in(store, scratch, AssetFile(path))


async def test_what_is_no_file_is_refused(store: AssetStore, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()

    for name in ("missing", "empty", "folder"):
        with pytest.raises(BadOutputError, match=name):
            await take_in(store, tmp_path, AssetFile(tmp_path / name))


async def test_making_nothing_of_use_is_refused(store: AssetStore, tmp_path: Path) -> None:
    path = tmp_path / "captions.vtt"
    path.write_bytes(b"WEBVTT")

    with pytest.raises(BadOutputError, match="made nothing"):
        await take_in(store, tmp_path)
    with pytest.raises(BadOutputError, match="made nothing"):
        await take_in(store, tmp_path, AssetFile(path, role=Role.CAPTIONS))


async def test_making_too_much_is_refused(store: AssetStore, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(bytes(60))

    with pytest.raises(OutputTooLargeError, match="120 bytes"):
        await take_in(store, tmp_path, AssetFile(path), AssetFile(path), largest=100)
    with pytest.raises(OutputTooLargeError, match="files"):
        await take_in(store, tmp_path, *[AssetFile(path)] * 101)


async def test_a_thumbnail_is_not_held_against_who_made_the_picture(
    store: AssetStore, tmp_path: Path
) -> None:
    made = AssetFile.of_bytes(bytes(90), "a.bin")
    thumbnail = AssetFile.of_bytes(bytes(90), "thumbnail.webp", Role.THUMBNAIL)

    assert len(await take_in(store, tmp_path, made, thumbnail, largest=100)) == 2
    with pytest.raises(OutputTooLargeError):
        await take_in(store, tmp_path, made, made, thumbnail, largest=100)
