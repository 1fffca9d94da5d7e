"""The music generator: a score, a synthesizer, a master."""

from datetime import timedelta
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

from services.generator.generators.music import soundfonts
from services.generator.generators.music.inputs import MusicInput
from shared.generators import AssetFile, Generator, GeneratorContext, Limits, Role, needs

if TYPE_CHECKING:
    from services.generator.generators.music.composing import Piece


class MusicGenerator(Generator[MusicInput]):
    """Writes a piece from a seed by the rules of a mood, and plays it."""

    name: ClassVar[str] = "music"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Instrumental music in twelve moods, written from a seed."
    input_model: ClassVar[type[MusicInput]] = MusicInput
    media_types: ClassVar[tuple[str, ...]] = (
        "audio/mpeg",
        "audio/wav",
        "audio/ogg",
        "audio/flac",
        "audio/mp4",
    )
    example: ClassVar[dict[str, Any]] = {"mood": "uplifting", "seconds": 30, "seed": 7}
    environment: ClassVar[tuple[str, ...]] = ("DARKROOM_SOUNDFONT",)
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(minutes=5),
        memory_bytes=3 * 1024**3,
        output_bytes=256 * 1024**2,
        resident_bytes=1024**3,
    )

    @classmethod
    def unavailable(cls) -> str | None:
        """It needs PyAV, mido, fluidsynth and a soundfont."""
        return needs.lacks_packages("av", "mido", extra="music") or soundfonts.lacks()

    async def generate(self, input: MusicInput, context: GeneratorContext) -> list[AssetFile]:
        """The sound, and the MIDI file of it."""
        # Announcing a generator imports this module: what computes is loaded by who computes.
        from services.generator.generators.music import composing  # noqa: PLC0415
        from services.generator.generators.sound.encoding import encode  # noqa: PLC0415

        seed = context.seed if input.seed is None else input.seed
        clock = [perf_counter()]
        await context.progress(2, "Composing")
        piece = composing.composed(
            input.mood, input.seconds, seed, tempo=input.tempo, loop=input.loop
        )
        midi, clock = piece.midi, [*clock, perf_counter()]
        await context.progress(10, "Playing")
        sound, clock = composing.played(piece, context.scratch), [*clock, perf_counter()]
        await context.progress(70, "Mastering")
        path = context.scratch / f"music.{input.format}"
        tags = {"title": input.title, "artist": input.artist}
        encode(composing.mastered(piece, sound), path, input.format, metadata=tags)
        stages = dict(
            zip(("compose", "play", "master"), _laps([*clock, perf_counter()]), strict=True)
        )
        provenance = _provenance(piece, input, seed) | {"stages": stages}
        name = f"{input.mood}-{seed}"
        return [
            AssetFile(path, filename=f"{name}.{input.format}", provenance=provenance),
            AssetFile.of_bytes(midi, f"{name}.mid", Role.SOURCE),
        ]


def _laps(clock: list[float]) -> list[float]:
    return [round(after - at, 3) for at, after in pairwise(clock)]


def _provenance(piece: "Piece", input: MusicInput, seed: int) -> dict[str, Any]:
    soundfont = soundfonts.find_soundfont()
    return {
        "seed": seed,
        "mood": input.mood,
        "tempo": round(piece.form.tempo, 2),
        "bars": piece.form.bars,
        "soundfont": soundfont.resolve().name if soundfont else "",
        "soundfont_sha256": soundfonts.soundfont_sha256(soundfont) if soundfont else "",
    }
