"""The speech generator: lines, a voice, captions, one sound file."""

from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

from services.generator.generators.speech import engines
from services.generator.generators.speech.inputs import LONGEST_SECONDS, SpeechInput
from shared.errors import InvalidInputError
from shared.generators import AssetFile, Generator, GeneratorContext, Limits, Role, needs

if TYPE_CHECKING:
    from services.generator.generators.speech.narration import Narration, Narrator, Reading


class SpeechGenerator(Generator[SpeechInput]):
    """Reads a text aloud. A child that has done so keeps the model for the next text."""

    name: ClassVar[str] = "speech"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "A text read aloud by a neural voice, with captions that fit it."
    input_model: ClassVar[type[SpeechInput]] = SpeechInput
    media_types: ClassVar[tuple[str, ...]] = (
        "audio/mpeg",
        "audio/wav",
        "audio/ogg",
        "audio/flac",
        "audio/mp4",
    )
    example: ClassVar[dict[str, Any]] = {
        "text": "Welcome to Darkroom. Everything you hear was made on this machine.",
        "voice": "af_heart",
        "captions": "vtt",
    }
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(minutes=30),
        memory_bytes=4 * 1024**3,
        output_bytes=256 * 1024**2,
        resident_bytes=768 * 1024**2,
    )

    def __init__(self) -> None:
        self._narrators: dict[str, Narrator] = {}

    @classmethod
    def unavailable(cls) -> str | None:
        """It needs PyAV, and one of two engines."""
        return needs.lacks_packages("av", extra="speech") or engines.lacks("auto")

    async def generate(self, input: SpeechInput, context: GeneratorContext) -> list[AssetFile]:
        """One sound, and the caption files that were asked for.

        Raises `InvalidInputError` for a text that takes too long to say.
        """
        began = perf_counter()
        await context.progress(1, "Reading the text")
        narrator = self._narrator(input.engine)
        reading = narrator.reading(
            input.text,
            voice=input.voice,
            speed=input.speed,
            pronunciations=input.pronunciations,
            pause=input.pause,
        )
        _check_length(reading)
        await _spoken(reading, context)
        spoken = perf_counter()
        await context.progress(94, "Mastering")
        narration = reading.result
        sound = _encoded(narration, input, context)
        sound.provenance.update(_provenance(narrator, narration, input))
        sound.provenance["stages"] = {
            "speak": round(spoken - began, 3),
            "master": round(perf_counter() - spoken, 3),
        }
        return [sound, *_captions(narration, input.captions)]

    def _narrator(self, engine: engines.EngineName) -> "Narrator":
        # Announcing a generator imports this module: what speaks is loaded by who speaks.
        from services.generator.generators.speech.narration import Narrator  # noqa: PLC0415

        if engine not in self._narrators:
            chosen = engines.choose(engine)
            known = (n for n in self._narrators.values() if n.engine.name == chosen.name)
            self._narrators[engine] = next(known, None) or Narrator(chosen)
        return self._narrators[engine]


def _check_length(reading: "Reading") -> None:
    if reading.seconds > LONGEST_SECONDS:
        raise InvalidInputError(
            f"text: it would take about {reading.seconds / 60:.0f} minutes to say, at most "
            f"{LONGEST_SECONDS // 60} are allowed: make it shorter, or speed higher"
        )


async def _spoken(reading: "Reading", context: GeneratorContext) -> None:
    letters = sum(len(line.said) for line in reading.lines)
    done = 0
    for number, line in enumerate(reading.lines, 1):
        message = f"Speaking line {number} of {len(reading.lines)}"
        await context.progress(3 + 90 * done / letters, message)
        reading.say(line)
        done += len(line.said)


def _encoded(narration: "Narration", input: SpeechInput, context: GeneratorContext) -> AssetFile:
    from services.generator.generators.sound.encoding import encode  # noqa: PLC0415

    path = context.scratch / f"speech.{input.format}"
    tags = {"title": input.title, "artist": input.artist}
    encode(narration.sound, path, input.format, metadata=tags)
    return AssetFile(path, filename=path.name)


def _provenance(narrator: "Narrator", narration: "Narration", input: SpeechInput) -> dict[str, Any]:
    return {
        "engine": narrator.engine.name,
        "voice": input.voice,
        **narrator.engine.provenance(input.voice),
        "duration": round(narration.sound.seconds, 3),
    }


def _captions(narration: "Narration", wanted: str) -> list[AssetFile]:
    from services.generator.generators.speech import captions  # noqa: PLC0415

    writers = {"srt": captions.srt, "vtt": captions.vtt}
    return [
        AssetFile.of_bytes(write(narration.cues).encode(), f"speech.{kind}", Role.CAPTIONS)
        for kind, write in writers.items()
        if wanted in {kind, "both"}
    ]
