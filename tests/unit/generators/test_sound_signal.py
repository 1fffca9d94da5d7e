"""Sounds as numbers: resampled, mixed, faded, ducked, levelled."""

import numpy as np
import pytest

from services.generator.generators.sound.limiter import true_peaks
from services.generator.generators.sound.loudness import loudness
from services.generator.generators.sound.signal import (
    Sound,
    ducked,
    faded,
    joined,
    mixed,
    normalised,
    resampled,
    silence,
    with_channels,
)
from services.generator.generators.sound.waveform import peaks


def a_tone(
    seconds: float = 1.0, rate: int = 48_000, hertz: float = 1000.0, level: float = 1.0
) -> Sound:
    times = np.arange(round(seconds * rate)) / rate
    tone = level * np.sin(2 * np.pi * hertz * times)
    return Sound(tone.astype(np.float32)[:, None], rate)


def noise(seconds: float, level: float, rate: int = 44_100) -> Sound:
    random = np.random.default_rng(1)
    return Sound((random.normal(size=(round(seconds * rate), 2)) * level).astype(np.float32), rate)


@pytest.mark.parametrize("rate", [24_000, 44_100, 48_000, 96_000])
def test_a_full_tone_is_as_loud_as_the_standard_says(rate: int) -> None:
    assert loudness(a_tone(5, rate).samples, rate) == pytest.approx(-3.01, abs=0.06)


def test_two_channels_are_three_units_louder_than_one() -> None:
    mono = a_tone(3)

    both = loudness(with_channels(mono, 2).samples, mono.rate)

    assert both - loudness(mono.samples, mono.rate) == pytest.approx(3.01, abs=0.01)


def test_pauses_do_not_make_a_sound_less_loud() -> None:
    tone = a_tone(4)
    paused = joined([tone, silence(6, tone.rate), tone])

    assert loudness(paused.samples, tone.rate) == pytest.approx(-3.01, abs=0.3)


def test_a_blink_of_sound_is_measured_and_nothing_is_silence() -> None:
    assert loudness(a_tone(0.1).samples, 48_000) == pytest.approx(-3.01, abs=0.5)
    assert loudness(np.zeros((0, 1), np.float32), 48_000) == -np.inf


def test_peaks_between_the_samples_are_seen() -> None:
    rate = 48_000
    times = np.arange(rate) / rate
    hidden = np.sin(2 * np.pi * rate / 4 * times + np.pi / 4).astype(np.float32)[:, None]

    assert np.abs(hidden).max() == pytest.approx(0.707, abs=0.001)
    assert true_peaks(hidden)[100:-100].max() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("level", [0.001, 0.1, 2.0])
def test_normalising_reaches_the_loudness_without_passing_the_ceiling(level: float) -> None:
    sound = noise(6, level)
    sound.samples[44_100] = 40 * level

    made = normalised(sound)

    assert loudness(made.samples, made.rate) == pytest.approx(-16, abs=0.1)
    assert true_peaks(made.samples).max() <= 10 ** (-1 / 20) * 1.001


def test_silence_stays_silence() -> None:
    assert not normalised(silence(1, 48_000)).samples.any()


@pytest.mark.parametrize(("from_rate", "to_rate"), [(24_000, 48_000), (44_100, 24_000)])
def test_resampling_keeps_the_tone_and_the_length(from_rate: int, to_rate: int) -> None:
    made = resampled(a_tone(3, from_rate), to_rate)

    expected = a_tone(3, to_rate).samples
    assert made.samples.shape == expected.shape
    assert np.abs(made.samples - expected)[500:-500].max() < 0.01


def test_a_mix_has_each_sound_at_its_time_and_is_cut_to_length() -> None:
    tone = a_tone(1, level=0.5)

    mix = mixed([(0, tone), (0.5, with_channels(tone, 2))], seconds=1.25)

    assert (mix.seconds, mix.channels) == (1.25, 2)
    assert np.abs(mix.between(0, 0.5).samples).max() == pytest.approx(0.5, abs=0.01)
    assert np.abs(mix.between(0.5, 1).samples).max() == pytest.approx(1, abs=0.01)
    assert np.abs(mix.between(1.05, 1.25).samples).max() == pytest.approx(0.5, abs=0.01)


def test_faded_edges_are_silent_and_the_middle_is_untouched() -> None:
    tone = a_tone(2)

    made = faded(tone, 0.5, 0.25)

    assert abs(made.samples[0]) < 1e-4
    assert abs(made.samples[-1]) < 1e-4
    assert np.array_equal(made.between(0.6, 1.7).samples, tone.between(0.6, 1.7).samples)


def test_a_fade_longer_than_the_sound_fits_it() -> None:
    assert faded(a_tone(0.1), 5, 5).seconds == pytest.approx(0.1)


def test_the_bed_gives_way_while_the_voice_speaks() -> None:
    bed, voice = noise(12, 0.1), a_tone(2, 24_000, hertz=200, level=0.3)

    made = ducked(bed, voice, depth_db=-12, start=5)

    def level(start: float, end: float) -> float:
        part = made.between(start, end).samples
        return float(20 * np.log10(part.std() / bed.between(start, end).samples.std()))

    assert level(0, 4.5) == pytest.approx(0, abs=0.1)
    assert level(5, 7) == pytest.approx(-12, abs=0.2)
    assert level(8.5, 12) == pytest.approx(0, abs=0.1)


def test_peaks_are_the_lowest_and_highest_of_each_stretch() -> None:
    sound = joined([a_tone(0.5, level=0.25), a_tone(0.5, level=1)])

    quiet, loud = peaks(sound, 2)

    assert quiet == pytest.approx([-0.25, 0.25], abs=0.01)
    assert loud == pytest.approx([-1, 1], abs=0.01)


def test_peaks_of_hardly_anything_can_be_drawn() -> None:
    assert peaks(silence(0, 48_000), 10).shape == (10, 2)
    assert peaks(Sound(np.ones((3, 2), np.float32), 48_000), 10).min() == 1
