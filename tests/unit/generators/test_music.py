"""The music generator as its caller hears it."""

from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import mido
import numpy as np
import pytest

from services.generator.errors import UnavailableGeneratorError
from services.generator.generators.music import MusicGenerator, rendering, soundfonts
from services.generator.generators.music.composing import compose, composed, mastered, played
from services.generator.generators.music.inputs import MusicInput
from services.generator.generators.music.moods import MOODS
from services.generator.generators.music.rendering import render
from services.generator.generators.sound.errors import SynthesisFailedError
from services.generator.generators.sound.limiter import true_peaks
from services.generator.generators.sound.loudness import loudness
from services.generator.generators.sound.signal import Sound
from shared.generators import Role
from shared.media.sniffing import sniff_bytes
from shared.testing.generator_conformance import GeneratorConformance, digests, made


class TestMusic(GeneratorConformance):
    generator = MusicGenerator
    inputs = ({"mood": "calm", "seconds": 5, "format": "ogg", "seed": 3, "title": "Rest"},)
    hostile = (
        {"mood": "sad"},
        {"mood": "../../etc/passwd"},
        {"seconds": 4.9},
        {"seconds": 301},
        {"seconds": float("inf")},
        {"tempo": 49},
        {"tempo": 1e9},
        {"format": "mid"},
        {"title": "x" * 121},
        {"seed": -1},
        {"soundfont": "/etc/passwd"},
    )


@cache
def heard(mood: str, seconds: float = 10, loop: bool = False) -> Sound:
    piece = composed(mood, seconds, 7, loop=loop)
    with TemporaryDirectory() as folder:
        return mastered(piece, played(piece, Path(folder)))


@pytest.mark.parametrize("mood", ["uplifting", "ambient", "epic"])
def test_a_piece_is_as_long_and_as_loud_as_it_should_be(mood: str) -> None:
    sound = heard(mood)

    assert len(sound.samples) == 10 * sound.rate
    assert sound.channels == 2
    assert loudness(sound.samples, sound.rate) == pytest.approx(-16, abs=0.5)
    assert true_peaks(sound.samples).max() <= 0.9


def test_a_piece_ends_with_a_chord_that_dies_away() -> None:
    sound = heard("uplifting")
    levels = [sound.between(at, at + 0.25).samples.std() for at in (8.5, 9, 9.5)]

    assert levels == sorted(levels, reverse=True)
    assert np.abs(sound.samples[-100:]).max() < 1e-3


def test_a_loop_goes_over_into_itself() -> None:
    sound = heard("ambient", loop=True)
    samples, twice = sound.samples, np.concatenate([sound.samples] * 2)
    seam = np.abs(np.diff(twice, axis=0))[len(samples) - 20 : len(samples) + 20]
    level = [np.std(part) for part in (samples[-4410:], samples[:4410])]

    assert len(samples) == 10 * sound.rate
    assert seam.max() < 2 * np.abs(np.diff(samples[-4410:], axis=0)).max()
    assert level[0] == pytest.approx(level[1], rel=0.6)


def test_music_is_notes_and_not_noise() -> None:
    """Most energy is in few frequencies, unlike noise, whose spectrum is flat."""
    sound = heard("ambient")
    energy = np.sort(np.abs(np.fft.rfft(sound.samples[:, 0])) ** 2)[::-1]

    assert energy[: len(energy) // 50].sum() > 0.9 * energy.sum()


def test_another_seed_or_tempo_is_another_piece() -> None:
    pieces = {composed("lofi", 20, 1).midi, composed("lofi", 20, 2).midi}
    pieces.add(composed("lofi", 20, 1, tempo=90).midi)

    assert len(pieces) == 3


def test_compose_is_all_in_one(tmp_path: Path) -> None:
    sound = compose("calm", 5.5, 3, scratch=tmp_path)

    assert sound.seconds == pytest.approx(5.5, abs=0.001)


def test_the_midi_file_comes_along_and_provenance_says_what_played(tmp_path: Path) -> None:
    asked = {"mood": "playful", "seconds": 6, "title": "Toys", "tempo": 120}
    sound, score = made(MusicGenerator, asked, tmp_path, seed=9)

    assert score.role is Role.SOURCE
    assert score.content is not None
    assert sniff_bytes(score.content, "x") == "audio/midi"
    assert (
        len(mido.MidiFile(file=BytesIO(score.content)).tracks) == len(MOODS["playful"].layers) + 1
    )
    assert (sound.filename, sound.provenance["seed"]) == ("playful-9.mp3", 9)
    assert len(sound.provenance["soundfont_sha256"]) == 64
    assert set(sound.provenance["stages"]) == {"compose", "play", "master"}


def test_the_seed_of_the_input_wins_over_that_of_the_job() -> None:
    asked = {"mood": "calm", "seconds": 5, "format": "wav"}

    assert digests(MusicGenerator, asked | {"seed": 5}, seed=1) == digests(
        MusicGenerator, asked, seed=5
    )


def test_moods_and_schema_agree() -> None:
    schema = MusicInput.model_json_schema()

    assert set(schema["properties"]["mood"]["enum"]) == set(MOODS)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DARKROOM_SOUNDFONT", str(tmp_path / "none.sf2"))
    assert "musescore-general-soundfont-small" in (MusicGenerator.unavailable() or "")
    with pytest.raises(UnavailableGeneratorError, match="needs a soundfont"):
        played(composed("calm", 5, 1), tmp_path)

    monkeypatch.setattr("shutil.which", lambda _: None)
    assert "needs the program fluidsynth" in (MusicGenerator.unavailable() or "")

    monkeypatch.setattr("shared.generators.needs.find_spec", lambda _: None)
    assert "darkroom[music]" in (MusicGenerator.unavailable() or "")


def test_a_soundfont_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    font = tmp_path / "mine.sf2"
    font.write_bytes(b"RIFF")
    monkeypatch.setenv("DARKROOM_SOUNDFONT", str(font))

    assert MusicGenerator.unavailable() is None
    assert soundfonts.find_soundfont() == font


def test_a_synthesizer_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rendering, "PROGRAM", "false")

    with pytest.raises(SynthesisFailedError, match="exit code 1"):
        render(b"", tmp_path, room=0.5, scratch=tmp_path)
