"""When everything happens: scenes as long as what is said in them, captions as it is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.generator.generators.speech.cues import Cue
from services.generator.generators.speech.narration import Narration
from services.generator.generators.video.inputs import Scene, TransitionName, VideoInput
from services.generator.generators.video.timeline import Timeline

_LASTS: Final[dict[TransitionName, float]] = {
    "cut": 0,
    "crossfade": 0.8,
    "slide": 0.75,
    "wipe": 0.8,
}
_BREATH: Final = 0.3  # seconds between the middle of a transition and the first word
_PAUSE: Final = 0.6  # after the last word
_END: Final = 1.4  # after the very last one


@dataclass(frozen=True, slots=True)
class Screenplay:
    """`narrated` has each narration with the second at which it begins."""

    timeline: Timeline
    transitions: Sequence[TransitionName]
    narrated: Sequence[tuple[float, Narration]]
    cues: Sequence[Cue]


def screenplay(input: VideoInput, narrations: Sequence[Narration | None]) -> Screenplay:
    """The plan of a video whose scenes have these narrations."""
    transitions = [scene.transition or input.transition for scene in input.scenes]
    transitions[0] = "cut"
    lasts = [_LASTS[name] for name in transitions]
    leads = [seconds / 2 + _BREATH for seconds in lasts]
    lengths = _lengths(input.scenes, narrations, leads)
    timeline = Timeline(lengths, lasts, input.fps)
    narrated, cues = [], []
    for scene, narration, lead, span in zip(
        input.scenes, narrations, leads, timeline.spans, strict=True
    ):
        begins = span.first / input.fps + lead
        if narration:
            narrated.append((begins, narration))
            cues += [_later(cue, begins) for cue in narration.cues]
        elif scene.caption:
            middle = (span.first + span.settled) / 2 / input.fps
            cues.append(Cue(round(middle, 3), round(span.next / input.fps, 3), scene.caption))
    return Screenplay(timeline, transitions, narrated, cues)


def _lengths(
    scenes: Sequence[Scene], narrations: Sequence[Narration | None], leads: Sequence[float]
) -> list[float]:
    """Seconds of each scene: as asked for, and no shorter than what is said in it."""
    lengths = []
    for scene, narration, lead in zip(scenes, narrations, leads, strict=True):
        pause = _END if scene is scenes[-1] else _PAUSE
        said = lead + narration.sound.seconds + pause if narration else 0
        lengths.append(max(scene.silent_seconds, said))
    return lengths


def _later(cue: Cue, seconds: float) -> Cue:
    return Cue(round(cue.start + seconds, 3), round(cue.end + seconds, 3), cue.text)
