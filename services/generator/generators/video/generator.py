"""The video generator: scenes, a voice, music, captions, one file; and a picture of it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from services.generator.generators.video.inputs import VideoInput
from shared.errors import InvalidInputError
from shared.generators import AssetFile, Generator, GeneratorContext, Limits, Role, needs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from services.generator.generators.speech.cues import Cue


class VideoGenerator(Generator[VideoInput]):
    """Composes what other generators make: art, speech, music; no provider, no network."""

    name: ClassVar[str] = "video"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = (
        "Short films of titled scenes on moving pictures, narrated, captioned, with music."
    )
    input_model: ClassVar[type[VideoInput]] = VideoInput
    media_types: ClassVar[tuple[str, ...]] = ("video/mp4", "video/webm")
    example: ClassVar[dict[str, Any]] = {
        "title": "The night train",
        "theme": "midnight",
        "voice": "bm_george",
        "music": {"mood": "calm"},
        "scenes": [
            {
                "title": "The night train to Lisbon",
                "subtitle": "Eleven hours, two borders, one sunrise",
                "seconds": 4,
            },
            {
                "narration": "We left at dusk, when the platform was almost empty.",
                "background": {"kind": "art", "style": "dunes", "palette": "dusk"},
            },
            {
                "title": "Go by train",
                "position": "center",
                "seconds": 4,
                "transition": "wipe",
                "background": {"kind": "color"},
            },
        ],
        "seed": 7,
    }
    environment: ClassVar[tuple[str, ...]] = ("DARKROOM_FONTS_FOLDER", "DARKROOM_SOUNDFONT")
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(minutes=45),
        memory_bytes=4 * 1024**3,
        output_bytes=512 * 1024**2,
        resident_bytes=1280 * 1024**2,
    )

    @classmethod
    def unavailable(cls) -> str | None:
        """Whether it lacks anything that some video needs, speech and music included.

        Who takes a job must be able to make it: a worker without a voice would fail what another
        one could narrate.
        """
        from services.generator.generators.music import MusicGenerator  # noqa: PLC0415
        from services.generator.generators.speech import SpeechGenerator  # noqa: PLC0415

        lacks = (
            needs.lacks_packages("av", extra="video"),
            SpeechGenerator.unavailable(),
            MusicGenerator.unavailable(),
        )
        return "; ".join(lack for lack in lacks if lack) or None

    async def generate(self, input: VideoInput, context: GeneratorContext) -> list[AssetFile]:
        """The video, then its captions, where something is said, then a thumbnail.

        Raises `InvalidInputError` for what cannot be spoken, shown or made in time.
        """
        # Announcing a generator imports this module: what renders is loaded by who renders.
        from services.generator.generators.video.production import Production  # noqa: PLC0415

        _check_parts(input)
        seed = context.seed if input.seed is None else input.seed
        production = Production(input, context, seed)
        path = context.scratch / f"video.{input.format}"
        thumbnail = context.scratch / "thumbnail.webp"
        plan = await production.make(path, thumbnail)
        return [
            AssetFile(path, filename=path.name, provenance=production.provenance),
            *_captions(plan.cues, input.captions, context.scratch),
            AssetFile(thumbnail, Role.THUMBNAIL, thumbnail.name),
        ]


def _check_parts(input: VideoInput) -> None:
    """Say what a machine lacks before anything is made."""
    parts: list[tuple[str, type[Generator[Any]]]] = []
    if any(scene.narration for scene in input.scenes):
        from services.generator.generators.speech import SpeechGenerator  # noqa: PLC0415

        parts.append(("narration", SpeechGenerator))
    if input.music is not None:
        from services.generator.generators.music import MusicGenerator  # noqa: PLC0415

        parts.append(("music", MusicGenerator))
    for name, generator in parts:
        if lack := generator.unavailable():
            raise InvalidInputError(f"{name} cannot be made here: it {lack}; or leave it out")


def _captions(cues: "Sequence[Cue]", wanted: str, folder: "Path") -> list[AssetFile]:
    from services.generator.generators.speech import captions  # noqa: PLC0415

    if not cues or wanted == "none":
        return []
    path = folder / f"captions.{wanted}"
    path.write_text({"srt": captions.srt, "vtt": captions.vtt}[wanted](cues), "utf-8")
    return [AssetFile(path, Role.CAPTIONS, path.name)]
