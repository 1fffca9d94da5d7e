"""What a file is, by its bytes."""

import struct
from pathlib import Path

import pytest

from services.generator.generators.flaky import picture
from shared.media import UNKNOWN, sniff

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
        (ISO + b"M4B \0\0\2\0", "a", "audio/mp4"),
        (ISO + b"qt  \0\0\2\0", "a", "video/quicktime"),
        (ISO + b"heic\0\0\2\0", "a", "image/heic"),
        (ISO + b"mif1\0\0\0\0avif", "a", "image/avif"),
        (ISO + b"mif1\0\0\0\0miaf", "a", "image/heif"),
        (b"%PDF-1.7\n", "a", "application/pdf"),
        (b"ID3\x04\0", "a", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "a", "audio/mpeg"),
        (b"\xff\xfa\x90\x64", "a", "audio/mpeg"),
        (b"\xff\xf3\x40\xc4", "a", "audio/mpeg"),
        (b"\xff\xf2\x40\xc4", "a", "audio/mpeg"),
        (b"\xff\xe3\x40\xc4", "a", "audio/mpeg"),
        (b"\xff\xf1\x4c\x80", "a", "audio/aac"),
        (b"MThd\0\0\0\6\0\1", "a", "audio/midi"),
        (b"FORM\0\0\0\0AIFFCOMM", "a", "audio/aiff"),
        (b"RIFF\0\0\0\0AVI LIST", "a", "video/avi"),
        (b"II*\0\x08\0\0\0", "a", "image/tiff"),
        (b"OggS\0\2" + bytes(22) + b"\x01vorbis", "a", "audio/ogg"),
        (b"OggS\0\2" + bytes(22) + b"\x80theora", "a", "video/ogg"),
        (b"fLaC\0\0", "a", "audio/flac"),
        (b"\x1aE\xdf\xa3\x9f\x42\x82\x84webm", "a", "video/webm"),
        (b"\x1aE\xdf\xa3\x9f\x42\x82\x88matroska", "a", "video/matroska"),
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


def test_text_in_utf_16_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Already".encode("utf-16"))

    assert not sniff(path).startswith("audio/")
