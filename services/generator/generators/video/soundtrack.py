"""What is heard: the voice, and under it the music, which gives way to it."""

from collections.abc import Sequence
from typing import Final

from services.generator.generators.sound.signal import (
    Sound,
    ducked,
    faded,
    mixed,
    normalised,
    resampled,
    with_channels,
)
from services.generator.generators.speech.narration import Narration
from services.generator.generators.video.film import RATE

LOUDNESS: Final = -16.0
"""LUFS of the whole, as platforms for video play it."""
_ALONE: Final = {"quiet": -22.0, "normal": -17.0, "loud": -14.0}
_UNDER: Final = {"quiet": -26.0, "normal": -22.0, "loud": -19.0}
"""LUFS of music alone, and of music under a voice, which is at -13 where both channels have it."""
_DUCK: Final = -9.0
_FADE: Final = 1.0


def soundtrack(
    narrated: Sequence[tuple[float, Narration]],
    music: Sound | None,
    loudness: str,
    seconds: float,
) -> Sound | None:
    """All that is heard in `seconds`, in stereo; None where that is nothing."""
    voice = _voice(narrated, seconds) if narrated else None
    bed = _bed(music, voice, loudness, seconds) if music else None
    if voice is None:
        return bed
    whole = mixed([(0, bed), (0, voice)], seconds=seconds) if bed else voice
    return normalised(whole, LOUDNESS)


def _voice(narrated: Sequence[tuple[float, Narration]], seconds: float) -> Sound:
    """Narrations are of one loudness already."""
    spoken = [(start, resampled(narration.sound, RATE)) for start, narration in narrated]
    return with_channels(mixed(spoken, seconds=seconds), 2)


def _bed(music: Sound, voice: Sound | None, loudness: str, seconds: float) -> Sound:
    stereo = with_channels(resampled(music, RATE), 2)
    level = (_UNDER if voice else _ALONE)[loudness]
    whole = normalised(mixed([(0, stereo)], seconds=seconds), level)
    bed = faded(whole, 0.05, min(_FADE, seconds / 3))
    return ducked(bed, voice, depth_db=_DUCK) if voice else bed
