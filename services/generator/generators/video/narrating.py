"""What is said in a video: each scene's narration, spoken by the parts of the speech generator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.generator.generators.speech.narration import Narration, Narrator, Reading
from services.generator.generators.video import sizes
from services.generator.generators.video.inputs import VideoInput
from services.generator.generators.video.progress import Progress
from shared.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Spoken:
    """The narration of each scene, None where nothing is said; and with what it was spoken."""

    narrations: Sequence[Narration | None]
    provenance: dict[str, Any]


async def narrate(
    input: VideoInput, progress: Progress, narrator: Narrator | None = None
) -> Spoken:
    """Speak all narrations, with a narrator of its own unless it is given one.

    Raises `InvalidInputError` for a video that would be too long, before anything is spoken.
    """
    if not any(scene.narration for scene in input.scenes):
        return Spoken([None] * len(input.scenes), {})
    narrator = narrator or Narrator()
    readings = [_reading(narrator, scene.narration, input) for scene in input.scenes]
    _check(input, [reading.seconds if reading else 0 for reading in readings])
    lines = sum(len(reading.lines) for reading in readings if reading)
    done = 0
    for number, reading in enumerate(readings, 1):
        for line in reading.lines if reading else ():
            await progress.narrating(done / lines, f"Narrating scene {number} of {len(readings)}")
            assert reading is not None
            reading.say(line)
            done += 1
    engine = narrator.engine
    provenance = {"engine": engine.name, "voice": input.voice, **engine.provenance(input.voice)}
    return Spoken([reading.result if reading else None for reading in readings], provenance)


def _reading(narrator: Narrator, text: str | None, input: VideoInput) -> Reading | None:
    if not text:
        return None
    return narrator.reading(
        text, voice=input.voice, speed=input.speed, pronunciations=input.pronunciations
    )


def _check(input: VideoInput, spoken: Sequence[float]) -> None:
    """By how long it will take to say, roughly: speaking takes as long again."""
    lengths = (
        max(scene.silent_seconds, said) for scene, said in zip(input.scenes, spoken, strict=True)
    )
    if refusal := sizes.refusal(sum(lengths), input.fps, input.size, input.format):
        raise InvalidInputError(refusal)
