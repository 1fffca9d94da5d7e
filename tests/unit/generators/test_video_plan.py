"""What one may ask of a video, and when everything in it happens."""

from collections.abc import Sequence
from typing import Any

import jsonschema
import numpy as np
import pytest
from pydantic import ValidationError

from services.generator.generators.sound.loudness import loudness
from services.generator.generators.sound.signal import Sound
from services.generator.generators.speech.cues import Cue
from services.generator.generators.speech.narration import Narration, Narrator
from services.generator.generators.video.captioning import shown
from services.generator.generators.video.inputs import VideoInput
from services.generator.generators.video.narrating import narrate
from services.generator.generators.video.poster import poster_frame
from services.generator.generators.video.progress import Progress
from services.generator.generators.video.screenplay import screenplay
from services.generator.generators.video.sizes import frame_size
from services.generator.generators.video.soundtrack import soundtrack
from services.generator.generators.video.timeline import Timeline
from shared.errors import InvalidInputError
from shared.generators import GeneratorContext

IMAGE = {"kind": "image", "asset": "0190a3e4-7b1c-7d2e-9f30-5a6b7c8d9e0f"}


def asked(*scenes: dict[str, Any], **rest: Any) -> VideoInput:
    return VideoInput.model_validate({"scenes": scenes, **rest})


def a_tone(seconds: float, rate: int = 24_000, level: float = 0.1, channels: int = 1) -> Sound:
    time = np.arange(round(seconds * rate)) / rate
    wave = (level * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    return Sound(np.repeat(wave[:, None], channels, axis=1), rate)


def a_narration(seconds: float) -> Narration:
    return Narration(a_tone(seconds, level=0.22), (Cue(0.2, seconds - 0.2, "Words."),))


class QuickEngine:
    """Says a tone of 0.1 s a letter."""

    name = "quick"

    def __init__(self) -> None:
        self.said: list[str] = []

    def weight(self, said: str, voice: str, sounds: Any) -> float:
        return 0.1 * len(said)

    def say(self, said: str, voice: str, speed: float, sounds: Any) -> Sound:
        self.said.append(said)
        return a_tone(0.1 * len(said) / speed)

    def provenance(self, voice: str) -> dict[str, str]:
        return {"model_sha256": "0" * 64}


# ---- timeline ------------------------------------------------------------------------------------


def test_scenes_last_as_long_as_they_say_to_the_frame() -> None:
    timeline = Timeline([1.0, 2.5, 0.5], [0, 0.8, 0.8], fps=30)

    assert timeline.frames == 120
    assert timeline.seconds == 4
    assert [span.first for span in timeline.spans] == [0, 30, 105]
    assert [timeline.scene_at(frame) for frame in (0, 29, 30, 104, 105, 119)] == [0, 0, 1, 1, 2, 2]


def test_rounding_does_not_add_up() -> None:
    timeline = Timeline([0.51] * 40, [0.0] * 40, fps=24)

    assert timeline.frames == round(0.51 * 40 * 24)


def test_a_scene_is_seen_until_the_next_one_has_settled() -> None:
    first, second = Timeline([3, 3], [0, 0.8], fps=30).spans

    assert (first.first, first.settled, first.next, first.gone) == (0, 0, 90, 114)
    assert (second.first, second.settled, second.next, second.gone) == (90, 114, 180, 180)
    assert first.share(0) == 0
    assert first.share(113) == 1
    assert 0 < second.arrival(90) < second.arrival(113) < 1


def test_a_transition_takes_less_than_half_of_a_short_scene() -> None:
    spans = Timeline([0.5, 0.5, 3], [0, 0.8, 0.8], fps=30).spans

    assert all(span.settled - span.first <= 6 for span in spans)
    assert all(span.settled <= span.next for span in spans)


# ---- screenplay ----------------------------------------------------------------------------------


def test_a_scene_lasts_as_long_as_its_narration() -> None:
    plan = screenplay(asked({}, {"narration": "Words."}, {}), [None, a_narration(3), None])
    lengths = [span.next - span.first for span in plan.timeline.spans]

    assert lengths[0] == lengths[2] == 5 * 30
    assert 3 * 30 + 20 < lengths[1] < 4.5 * 30


def test_a_narration_is_never_cut_and_a_longer_scene_not_shortened() -> None:
    short, long = (
        screenplay(asked({"narration": "Words.", "seconds": s}), [a_narration(4)]).timeline.seconds
        for s in (0.5, 20)
    )

    assert short > 4.5
    assert long == 20


def test_captions_come_when_their_words_are_heard() -> None:
    scenes = ({"seconds": 3}, {"narration": "Words."})
    plan = screenplay(asked(*scenes, transition="slide"), [None, a_narration(3)])
    ((begins, _),) = plan.narrated

    assert begins > 3.3
    assert plan.cues == [Cue(round(begins + 0.2, 3), round(begins + 2.8, 3), "Words.")]


def test_a_silent_caption_lasts_as_long_as_its_scene() -> None:
    plan = screenplay(
        asked({"seconds": 2}, {"caption": "Below", "seconds": 3}, transition="cut"), [None, None]
    )

    assert plan.cues == [Cue(2.0, 5.0, "Below")]


def test_the_first_scene_has_nothing_to_come_from() -> None:
    plan = screenplay(asked({"transition": "wipe"}, {"transition": "slide"}), [None, None])

    assert plan.transitions == ["cut", "slide"]
    assert plan.timeline.spans[0].settled == 0


def test_captions_that_follow_each_other_change_without_a_gap() -> None:
    lines = shown([Cue(1, 2, "a"), Cue(2, 3, "b"), Cue(4, 5, "c")], str.upper)

    assert [line.text for line in lines] == ["A", "B", "C"]
    assert lines[0].opacity(1.99) == lines[1].opacity(2) == 1
    assert 0 < lines[0].opacity(1) < 1
    assert 0 < lines[1].opacity(2.99) < 1
    assert lines[0].opacity(0.99) == lines[0].opacity(2) == 0


def test_the_thumbnail_is_of_the_first_scene_with_a_title() -> None:
    video = asked({"seconds": 4}, {"title": "Here", "seconds": 4})
    timeline = screenplay(video, [None, None]).timeline

    assert 120 + 60 < poster_frame(video.scenes, timeline) < 240
    assert poster_frame(asked({}).scenes, Timeline([5], [0], 30)) < 150


# ---- sound ---------------------------------------------------------------------------------------


def level(sound: Sound, start: float, end: float) -> float:
    """In dB of full scale."""
    part = sound.between(start, end).samples
    return float(20 * np.log10(np.sqrt((part**2).mean()) + 1e-12))


def test_music_gives_way_to_the_voice_and_ends_softly() -> None:
    narrated = [(4.0, a_narration(3))]
    music = a_tone(12, 44_100, channels=2)
    alone = soundtrack(narrated, None, "normal", 12)
    whole = soundtrack(narrated, music, "normal", 12)
    assert alone is not None
    assert whole is not None

    assert whole.samples.shape == (12 * 48_000, 2)
    assert level(whole, 5, 6) - level(whole, 1, 2) > 7
    assert level(whole, 1, 2) - level(whole, 11.9, 12) > 15
    assert level(alone, 1, 2) < -100
    assert loudness(whole.samples, 48_000) == pytest.approx(-16, abs=0.5)
    assert np.abs(whole.samples).max() < 0.95


def test_music_alone_is_louder_and_as_loud_as_asked() -> None:
    music = a_tone(8, 44_100, channels=2)
    quiet, loud = (soundtrack([], music, name, 8) for name in ("quiet", "loud"))
    assert quiet is not None
    assert loud is not None

    assert 6 < level(loud, 2, 4) - level(quiet, 2, 4) < 10
    assert soundtrack([], None, "normal", 8) is None


def test_music_of_another_length_is_cut_or_filled() -> None:
    for seconds in (2.0, 20.0):
        sound = soundtrack([], a_tone(5, 44_100, channels=2), "normal", seconds)
        assert sound is not None
        assert len(sound.samples) == seconds * 48_000


# ---- narration -----------------------------------------------------------------------------------


def a_progress(told: list[tuple[float | None, str | None]], tmp_path: Any) -> Progress:
    async def report(percent: float | None, message: str | None) -> None:
        told.append((percent, message))

    context = GeneratorContext(job_id=None, seed=1, scratch=tmp_path, report=report)  # type: ignore[arg-type]
    return Progress(context, letters=40, composed=True, pixels=1e8)


async def test_each_scene_is_narrated_and_progress_tells_which(tmp_path: Any) -> None:
    told: list[tuple[float | None, str | None]] = []
    engine = QuickEngine()
    video = asked({"narration": "One. Two."}, {"title": "Silent"}, {"narration": "Three."})
    spoken = await narrate(video, a_progress(told, tmp_path), Narrator(engine))

    assert engine.said == ["One.", "Two.", "Three."]
    assert [narration is None for narration in spoken.narrations] == [False, True, False]
    assert [message for _, message in told] == [
        "Narrating scene 1 of 3",
        "Narrating scene 1 of 3",
        "Narrating scene 3 of 3",
    ]
    assert spoken.provenance["engine"] == "quick"
    assert "model_sha256" in spoken.provenance


async def test_what_takes_too_long_to_say_is_refused_before_it_is_spoken(tmp_path: Any) -> None:
    engine = QuickEngine()
    scenes = [{"narration": "A sentence that is said slowly, again and again. " * 10}] * 5
    with pytest.raises(InvalidInputError, match=r"scenes: they last \d+ seconds in all, at most"):
        await narrate(asked(*scenes), a_progress([], tmp_path), Narrator(engine))

    assert engine.said == []


async def test_progress_only_grows(tmp_path: Any) -> None:
    told: list[tuple[float | None, str | None]] = []
    progress = a_progress(told, tmp_path)
    await progress.narrating(0, "Narrating")
    await progress.narrating(1, "Narrating")
    await progress.composing()
    await progress.rendering(0, 10)
    await progress.rendering(9, 10)
    await progress.finishing()
    percents = [percent for percent, _ in told if percent is not None]

    assert percents == sorted(percents)
    assert percents[0] == 0
    assert percents[-1] == 99


# ---- inputs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenes", "rest", "words"),
    [
        ([], {}, "at least 1 item"),
        ([{}] * 41, {}, "at most 40 items"),
        ([{"seconds": 60}] * 4, {}, "they last 240 seconds in all, at most 180"),
        ([{"narration": "word " * 299}] * 15, {}, "at most 180"),
        ([{"seconds": 60}] * 3, {"format": "webm", "resolution": "1080p"}, "choose a lower one"),
        ([{"narration": "Hi.", "caption": "Hi."}], {}, "caption: a scene with narration"),
        ([{"narration": "日本"}], {}, "speech reads English"),
        ([{"background": {"kind": "image"}}], {}, "asset: a background of the kind image needs"),
        ([{"background": IMAGE | {"kind": "art"}}], {}, "takes no picture"),
        ([{"background": {"colors": ["#ffffff"]}}], {}, "takes no colors"),
        ([{"background": {"kind": "color", "colors": ["white"]}}], {}, "pattern"),
        ([{"background": {"style": "photo"}}], {}, "Input should be"),
        ([{"background": {"kind": "image", "asset": "../../etc/passwd"}}], {}, "pattern"),
        ([{"background": {"kind": "image", "asset": "http://10.0.0.1/x"}}], {}, "pattern"),
    ],
)
def test_bad_inputs_name_the_field_and_the_bound(
    scenes: Sequence[dict[str, Any]], rest: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        asked(*scenes, **rest)


def test_the_schema_alone_asks_for_the_picture_of_an_image() -> None:
    validator = jsonschema.Draft202012Validator(VideoInput.model_json_schema())
    (error,) = validator.iter_errors({"scenes": [{"background": {"kind": "image"}}]})

    assert error.message == "'asset' is a required property"
    assert validator.is_valid({"scenes": [{"background": IMAGE}, {"background": {}}]})


def test_the_longest_videos_that_are_allowed() -> None:
    full = asked(*[{"seconds": 60}] * 3, resolution="1080p", fps=30)

    assert full.size == (1920, 1080)
    assert asked(*[{"seconds": 60}] * 3, format="webm").fps == 30


def test_frame_sizes_are_even() -> None:
    for aspect in ("landscape", "portrait", "square"):
        for resolution in ("360p", "480p", "720p", "1080p"):
            width, height = frame_size(aspect, resolution)
            assert width % 2 == height % 2 == 0
            assert min(width, height) == int(resolution[:-1])


def test_text_is_cleaned() -> None:
    video = asked({"title": "A\u202eb\u0007c ", "narration": "One\n\ntwo."})

    assert video.scenes[0].title == "Ab c"
    assert video.scenes[0].narration == "One\n\ntwo."
