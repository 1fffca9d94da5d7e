"""Sounds as files: every format, the same bytes, tags."""

from pathlib import Path
from typing import get_args

import av
import numpy as np
import pytest

from services.generator.generators.sound.encoding import Format, encode
from services.generator.generators.sound.signal import Sound
from shared.media.sniffing import sniff

FORMATS: tuple[Format, ...] = get_args(Format)
TYPES = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
}


def a_sound(seconds: float = 1.5, rate: int = 44_100, channels: int = 2) -> Sound:
    times = np.arange(round(seconds * rate)) / rate
    tone = (0.4 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)
    return Sound(np.repeat(tone[:, None], channels, axis=1), rate)


def decoded(path: Path) -> Sound:
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
        planes = [frame.to_ndarray().astype(np.float32) for frame in frames]
        packed = not frames[0].format.is_planar
        channels = frames[0].layout.nb_channels
    whole = np.concatenate(planes, axis=1)
    samples = whole.reshape(-1, channels) if packed else whole.T
    return Sound(samples, frames[0].sample_rate)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_comes_back_as_it_was(format: Format, channels: int, tmp_path: Path) -> None:
    path = tmp_path / f"sound.{format}"

    encode(a_sound(channels=channels), path, format)

    made = decoded(path)
    assert sniff(path) == TYPES[format]
    assert made.channels == channels
    assert made.seconds == pytest.approx(1.5, abs=0.03)
    spectrum = np.abs(np.fft.rfft(made.samples[:, 0]))
    assert np.argmax(spectrum) / made.seconds == pytest.approx(440, abs=3)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_sound_is_the_same_bytes(format: Format, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"

    for path in (first, second):
        encode(a_sound(), path, format, metadata={"title": "Same"})

    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_tags_are_kept_and_the_encoder_is_not_named(format: Format, tmp_path: Path) -> None:
    path = tmp_path / "tagged"

    encode(a_sound(), path, format, metadata={"title": "Café ☕", "artist": ""})

    with av.open(str(path)) as container:
        tags = {**container.metadata, **container.streams[0].metadata}
    assert {key.lower(): value for key, value in tags.items()}["title"] == "Café ☕"
    assert "artist" not in tags
    assert b"Lavf6" not in path.read_bytes()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("rate", [8_000, 22_050, 96_000])
def test_rates_that_a_codec_lacks_are_resampled(rate: int, format: Format, tmp_path: Path) -> None:
    path = tmp_path / "sound"

    encode(a_sound(rate=rate), path, format)

    assert decoded(path).seconds == pytest.approx(1.5, abs=0.06)


def test_what_passes_full_scale_is_clipped_not_wrapped(tmp_path: Path) -> None:
    loud = Sound(a_sound().samples * 10, 44_100)

    encode(loud, tmp_path / "loud.wav", "wav")

    samples = decoded(tmp_path / "loud.wav").samples
    assert np.corrcoef(samples[:, 0], loud.samples[:, 0])[0, 1] > 0.85
