"""Sounds drawn, cut and encoded anew."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from services.generator.generators.rendition import sounds
from shared.errors import InvalidInputError
from shared.media import measure, sniff
from tests.unit.generators.renditions import Renditions, film, shown, tone


@pytest.fixture
def make(tmp_path: Path) -> Renditions:
    return Renditions(tmp_path)


def samples(path: Path) -> Any:
    with av.open(str(path)) as file:
        resampler = av.AudioResampler("fltp", None, 22_050)
        frames = [made for frame in file.decode(audio=0) for made in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def opacity(path: Path) -> Any:
    """How much there is in each column, 0 to 1."""
    return np.asarray(shown(path).convert("RGBA"))[..., 3].mean(axis=0) / 255


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("mp3", "audio/mpeg"),
        ("ogg", "audio/ogg"),
        ("m4a", "audio/mp4"),
        ("flac", "audio/flac"),
        ("wav", "audio/wav"),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_sound_in_every_format(
    make: Renditions, kind: str, media_type: str, channels: int
) -> None:
    [made] = make(tone(channels=channels), operation="audio", format=kind)

    assert sniff(made.path) == media_type
    assert measure(made.path, media_type).duration == pytest.approx(2, abs=0.1)
    heard = samples(made.path)
    assert 0.3 < np.sqrt((heard[2000:20_000] ** 2).mean()) < 0.4
    assert np.abs(heard[26_000:40_000]).max() < 0.01


def test_a_part_is_exact(make: Renditions) -> None:
    [made] = make(tone(), operation="audio", format="wav", start=0.75, end=1.25)

    heard = samples(made.path)
    assert len(heard) == pytest.approx(22_050 / 2, abs=1)
    assert np.abs(heard[: 22_050 // 4 - 10]).max() > 0.4
    assert np.abs(heard[22_050 // 4 + 10 :]).max() == 0


def test_an_odd_rate_becomes_one_that_the_codec_has(make: Renditions) -> None:
    [made] = make(tone(rate=10_000), operation="audio", format="m4a")

    with av.open(str(made.path)) as file:
        assert file.streams.audio[0].rate == 16_000


def test_the_sound_of_a_film_can_be_taken_out(make: Renditions) -> None:
    [made] = make(film(sound=True), operation="audio")

    assert sniff(made.path) == "audio/mpeg"
    with pytest.raises(InvalidInputError, match="has no sound"):
        make(film(), operation="audio")


def test_a_waveform_swings_where_the_sound_does(make: Renditions) -> None:
    for style in ("bars", "wave", "line"):
        [made] = make(tone(), operation="waveform", style=style, width=400, height=100)

        columns = opacity(made.path)
        assert shown(made.path).size == (400, 100)
        assert columns[20:180].mean() > 4 * columns[220:380].mean() > 0


def test_a_quiet_sound_fills_its_picture_and_silence_is_flat(make: Renditions) -> None:
    swings = [
        opacity(make(tone(loud=loud), operation="waveform", style="wave")[0].path)
        for loud in (0.01, 0.9, 0)
    ]

    assert swings[0][100] == pytest.approx(swings[1][100], rel=0.1)
    assert swings[2].max() < 0.05


def test_a_waveform_has_its_colors(make: Renditions) -> None:
    [made] = make(
        tone(), operation="waveform", color="#aa0000", background="#00bb00", format="webp"
    )

    colors = {c for _, c in shown(made.path).convert("RGB").getcolors(100_000) or ()}
    assert {(170, 0, 0), (0, 187, 0)} <= colors


def test_a_drawing_of_a_sound_is_svg(make: Renditions) -> None:
    for style in ("bars", "wave", "line"):
        [made] = make(tone(), operation="waveform", format="svg", style=style, background="#ffffff")

        drawn = made.path.read_text()
        assert sniff(made.path) == "image/svg+xml"
        assert 'width="1200" height="240"' in drawn
        assert "#5b5bd6" in drawn


def test_a_very_short_sound_has_a_waveform(make: Renditions) -> None:
    [made] = make(tone(seconds=0.001, rate=8000), operation="waveform", width=50, height=20)

    assert shown(made.path).size == (50, 20)


def test_a_large_waveform_is_drawn_with_less_care(make: Renditions) -> None:
    [made] = make(tone(), operation="waveform", width=8000, height=4000, format="webp")

    assert shown(made.path).size == (8000, 4000)


def test_a_start_after_the_end_of_it_all_is_told(make: Renditions) -> None:
    with pytest.raises(InvalidInputError, match=r"start: the sound lasts 2\.0 seconds only"):
        make(tone(), operation="waveform", start=5)


def test_a_sound_without_end_is_given_up(make: Renditions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "LONGEST_SECONDS", 1)

    with pytest.raises(InvalidInputError, match="ask for a part"):
        make(tone(), operation="waveform")


def test_progress_is_told_while_a_long_sound_is_read(make: Renditions) -> None:
    make(tone(60, rate=8000), operation="audio", format="wav")
    make(tone(60, rate=8000), operation="waveform", width=50, height=20)

    assert {message for _, message in make.told} == {"Encoding", "Listening"}
