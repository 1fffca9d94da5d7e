"""The rendition generator: finds the source, then does what was asked for."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from services.generator.generators.rendition.inputs import RenditionInput
from shared.generators import AssetFile, Generator, GeneratorContext, Limits
from shared.generators.needs import lacks_packages

if TYPE_CHECKING:
    from services.generator.generators.rendition.sources import Source


class RenditionGenerator(Generator[RenditionInput]):
    """Resizes, crops and converts; shows pages and films; draws sounds; writes QR codes."""

    name: ClassVar[str] = "rendition"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = (
        "Pictures, PDFs, films and sounds in another size or form; placeholders, waveforms,"
        " QR codes."
    )
    input_model: ClassVar[type[RenditionInput]] = RenditionInput
    media_types: ClassVar[tuple[str, ...]] = (
        *("image/webp", "image/avif", "image/jpeg", "image/png", "image/svg+xml"),
        *("audio/mpeg", "audio/ogg", "audio/mp4", "audio/flac", "audio/wav"),
        "application/json",
    )
    example: ClassVar[dict[str, Any]] = {
        "operation": "qr",
        "text": "https://example.com/menu",
        "modules": "rounded",
        "color": "#1b1f3b",
    }
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(minutes=5),
        memory_bytes=3 * 1024**3,
        output_bytes=512 * 1024**2,
        resident_bytes=768 * 1024**2,
    )

    @classmethod
    def unavailable(cls) -> str | None:
        return lacks_packages("pyvips", "av", "pypdfium2", "segno", extra="rendition")

    async def generate(self, input: RenditionInput, context: GeneratorContext) -> list[AssetFile]:
        """The rendition; of several pictures the widest first.

        Raises `InvalidInputError` for a source that is not what is needed, or cannot be decoded.
        """
        # Announcing a generator imports this module: what decodes is loaded by who decodes.
        from services.generator.generators.rendition import sources  # noqa: PLC0415

        if input.operation == "qr":
            from services.generator.generators.rendition.codes import code  # noqa: PLC0415

            return await code(input, context)
        asset_id = input.source or ""
        file = context.input_file(asset_id)
        with sources.told_of(asset_id):
            if input.operation in {"waveform", "audio"}:
                return await _heard(input, sources.heard_source(asset_id, file), context)
            return await _seen(input, sources.visual_source(asset_id, file), context)


async def _seen(
    input: RenditionInput, source: "Source", context: GeneratorContext
) -> list[AssetFile]:
    if input.operation == "placeholder":
        from services.generator.generators.rendition import placeholders  # noqa: PLC0415

        return await placeholders.placeholders(input, source, context)
    from services.generator.generators.rendition import pictures  # noqa: PLC0415

    return await pictures.pictures(input, source, context)


async def _heard(
    input: RenditionInput, source: "Source", context: GeneratorContext
) -> list[AssetFile]:
    if input.operation == "waveform":
        from services.generator.generators.rendition import waveforms  # noqa: PLC0415

        return await waveforms.waveform(input, source, context)
    from services.generator.generators.rendition import audio  # noqa: PLC0415

    return await audio.audio(input, source, context)
