"""From files to assets: told by their bytes, measured, bounded, stored."""

import struct
import wave
from pathlib import Path

import pytest

from services.generator.assets.intake import AssetIntake
from services.generator.errors import BadOutputError, OutputTooLargeError
from services.generator.generators.flaky import picture
from shared.events import Asset
from shared.generators import AssetFile, Role
from shared.media.measuring import Measures, measure
from shared.media.sniffing import UNKNOWN, sniff
from shared.storage import AssetStore, in_memory

ISO = struct.pack(">I", 24) + b"ftyp"


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (picture(1), "a.txt", "image/png"),
        (b"\xff\xd8\xff\xe0JFIF", "a", "image/jpeg"),
        (b"GIF89a..", "a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a", "audio/wav"),
        (ISO + b"isom\0\0\2\0", "a", "video/mp4"),
        (ISO + b"avif\0\0\2\0", "a", "image/avif"),
        (ISO + b"M4A \0\0\2\0", "a", "audio/mp4"),
        (b"%PDF-1.7\n", "a", "application/pdf"),
        (b"ID3\x04\0", "a", "audio/mpeg"),
        (b"OggS\0\2", "a", "audio/ogg"),
        (b"fLaC\0\0", "a", "audio/flac"),
        (b"\x1aE\xdf\xa3\x01", "a", "video/webm"),
        (b"WEBVTT\n\n", "a.txt", "text/vtt"),
        (b"\xef\xbb\xbfWEBVTT\n", "a", "text/vtt"),
        (b"ok", "ok.txt", "text/plain"),
        (b"1,2\n", "table.csv", "text/csv"),
        (b'{"a": 1}', "data.json", "application/json"),
        (b"# Title", "read.md", "text/markdown"),
        (b"1\n00:00:00,000 --> 00:00:01,000\nHi\n", "a.srt", "application/x-subrip"),
        (b"<html><script>", "page.html", "text/plain"),
        (b"  <svg xmlns=''>", "a.txt", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg>", "a", "image/svg+xml"),
        ("grün".encode() * 2000, "long.txt", "text/plain"),
        (b"\0\1\2\3\4\5", "a.png", UNKNOWN),
        (b"\xfe\xdc" * 100, "a.json", UNKNOWN),
    ],
)
def test_files_are_told_by_their_bytes(
    content: bytes, name: str, media_type: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert sniff(path) == media_type


def test_a_format_we_do_not_make_is_found_in_the_database(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\3" + bytes(64))

    assert "gzip" in sniff(path)


def test_a_picture_has_width_and_height(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(picture(1, side=48))

    assert measure(path, "image/png") == Measures(48, 48)


def test_a_sound_has_a_duration(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 12_000))

    assert measure(path, "audio/wav") == Measures(duration=1.5)


@pytest.mark.parametrize("media_type", ["image/png", "audio/wav", "text/plain"])
def test_a_header_that_cannot_be_read_says_nothing(media_type: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"RIFF")

    assert measure(path, media_type) == Measures()


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
