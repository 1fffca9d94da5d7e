"""Width, height and length, from headers alone: of what is well made, and of what is not."""

import io
import struct
import time
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from shared.media import Measures, measure, measure_bytes, sniff_bytes

RATE = 48_000


def sound(codec: str, container: str, seconds: float = 1.5) -> bytes:
    """A tone."""
    made = io.BytesIO()
    with av.open(made, "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=RATE)
        stream.layout = "mono"
        angle = np.arange(int(RATE * seconds)) * (2 * np.pi * 440 / RATE)
        samples = (np.sin(angle) * 9000).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return made.getvalue()


def film(codec: str, container: str, **options: str) -> bytes:
    """Two seconds of grey."""
    made = io.BytesIO()
    with av.open(made, "w", format=container, options=options) as file:
        stream: Any = file.add_stream(codec, rate=12)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for tone in range(24):
            picture = np.full((64, 96, 3), tone, dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                file.mux(packet)
        for packet in stream.encode(None):
            file.mux(packet)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "avif", "tiff"])
def test_a_picture_has_width_and_height(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    Image.new("RGB", (48, 32)).save(path, format=kind)

    assert measure(path, f"image/{kind}") == Measures(48, 32)


def test_a_picture_can_be_very_large() -> None:
    huge = b"GIF89a" + struct.pack("<HHBBB", 65_535, 40_000, 0x80, 0, 0)

    assert measure_bytes(huge, "image/gif") == Measures(65_535, 40_000)


def test_a_drawing_has_the_size_that_it_says() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80.4"/>'

    assert measure_bytes(drawing, "image/svg+xml") == Measures(120, 80)
    assert measure_bytes(b"<svg/>", "image/svg+xml") == Measures()


@pytest.mark.parametrize(
    ("codec", "container"),
    [
        ("pcm_s16le", "wav"),
        ("libmp3lame", "mp3"),
        ("libopus", "ogg"),
        ("flac", "ogg"),
        ("flac", "flac"),
        ("aac", "ipod"),
    ],
)
def test_a_sound_has_a_duration(codec: str, container: str) -> None:
    content = sound(codec, container)

    found = measure_bytes(content, sniff_bytes(content, "a"))

    assert found.duration == pytest.approx(1.5, abs=0.06)
    assert (found.width, found.height) == (None, None)


@pytest.mark.parametrize(
    ("codec", "container"),
    [("libx264", "mp4"), ("libx264", "mov"), ("libx264", "matroska"), ("libvpx-vp9", "webm")],
)
def test_a_film_has_all_three(codec: str, container: str) -> None:
    content = film(codec, container)

    assert measure_bytes(content, sniff_bytes(content, "a")) == Measures(96, 64, 2.0)


def test_a_film_in_fragments_says_at_least_how_large_it_is() -> None:
    content = film("libx264", "mp4", movflags="frag_keyframe+empty_moov")

    assert measure_bytes(content, "video/mp4") == Measures(96, 64)


def test_a_film_in_fragments_may_say_how_long_it_is_beside_them() -> None:
    fragments = box(b"mvex", box(b"mehd", struct.pack(">II", 0, 3000)))

    assert measure_bytes(box(b"moov", mvhd(0) + fragments), "video/mp4") == Measures(duration=3)


def test_long_films_count_in_wider_numbers() -> None:
    wide = box(b"mvhd", b"\1" + bytes(19) + struct.pack(">IQ", 1000, 2**33))
    content = large_box(b"moov", wide)

    assert measure_bytes(content, "video/mp4").duration is None, "longer than any film"
    assert measure_bytes(box(b"moov", mvhd(5000)), "video/mp4").duration == 5


def test_a_film_that_was_taken_upright_is_measured_upright() -> None:
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    header = bytes(40) + matrix + struct.pack(">II", 1920 << 16, 1080 << 16)
    content = box(b"moov", mvhd(1000) + box(b"trak", box(b"tkhd", header)))

    assert measure_bytes(content, "video/mp4") == Measures(1080, 1920, 1)


@pytest.mark.parametrize(
    "media_type",
    [
        *("image/png", "image/jpeg", "image/svg+xml", "image/avif"),
        *("audio/wav", "audio/mpeg", "audio/ogg", "audio/flac", "audio/mp4"),
        *("video/mp4", "video/webm", "text/plain", "application/pdf"),
    ],
)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"\0" * 64,
        b"\xff" * 4096,
        b"OggS" + b"\xff" * 60,
        b"OggS" + bytes(22) + b"\1\x08Speex   ",
        b"\0\0\0\0moov",
        b"\0\0\0\1moov\0\0\0\0\0\0\0\0",
        b"\x1aE\xdf\xa3\x01",
    ],
)
def test_a_header_that_cannot_be_read_says_nothing(media_type: str, content: bytes) -> None:
    assert measure_bytes(content, media_type) == Measures()


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("audio/mpeg", b"ID3\4\0\0\0\0\0\0" + b"\x55" * 30_000_000),
        ("image/jpeg", b"\xff\xd8" + b"\xff\xe1\0\2" * 5_000_000),
        ("video/mp4", b"\0\0\0\x08free" * 2_000_000),
        ("video/webm", b"\xec\x80" * 8_000_000),
        ("audio/flac", b"fLaC" + b"\1\0\0\0" * 5_000_000),
        ("image/svg+xml", b"<svg " + b"a" * 20_000_000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_header_without_end_is_given_up_soon(media_type: str, content: bytes) -> None:
    begun = time.process_time()

    assert measure_bytes(content, media_type) == Measures()
    assert time.process_time() - begun < 1


def test_a_drawing_cannot_unfold_itself() -> None:
    steps = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    drawing = f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "x">{steps}]><svg width="&a11;"/>'
    begun = time.process_time()

    assert measure_bytes(drawing.encode(), "image/svg+xml") == Measures()
    assert time.process_time() - begun < 1


def test_a_sound_without_samples_lasts_no_time(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as empty:
        empty.setparams((1, 2, 8000, 0, "NONE", ""))

    assert measure(path, "audio/wav") == Measures()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def large_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


def mvhd(units: int) -> bytes:
    return box(b"mvhd", bytes(12) + struct.pack(">II", 1000, units))
