"""The art generator: one of many painters, grain, one file."""

from datetime import timedelta
from typing import Any, ClassVar

from services.generator.generators.art.inputs import ArtInput
from shared.generators import AssetFile, Generator, GeneratorContext, Limits


class ArtGenerator(Generator[ArtInput]):
    """Paints a picture from a seed: no text is read, nothing is drawn from a prompt."""

    name: ClassVar[str] = "art"
    version: ClassVar[str] = "2.0.0"
    description: ClassVar[str] = (
        "Generative pictures from a seed, in 14 styles and 16 palettes: flow fields, attractors, "
        "paper cuts, stained glass, dunes, tiles and more."
    )
    input_model: ClassVar[type[ArtInput]] = ArtInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png", "image/jpeg", "image/webp")
    example: ClassVar[dict[str, Any]] = {
        "style": "flow",
        "palette": "terracotta",
        "width": 1600,
        "height": 900,
        "seed": 6,
    }
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(seconds=60),
        memory_bytes=3 * 1024**3,
        output_bytes=96 * 1024**2,
        resident_bytes=1100 * 1024**2,
    )

    async def generate(self, input: ArtInput, context: GeneratorContext) -> list[AssetFile]:
        """One file of `width` x `height` pixels."""
        # Announcing a generator imports this module: what paints is loaded by who paints.
        from services.generator.generators.art.easel import Easel  # noqa: PLC0415

        seed = context.seed if input.seed is None else input.seed
        easel = Easel(input, seed)
        await context.progress(5, f"Painting {input.style}")
        easel.paint()
        await context.progress(70, "Adding grain")
        easel.add_grain()
        await context.progress(80, "Encoding")
        suffix = "jpg" if input.format == "jpeg" else input.format
        path = context.scratch / f"art.{suffix}"
        picture = easel.encode(path)
        provenance = {
            "seed": seed,
            "style": input.style,
            "palette": input.palette,
            "stages": easel.stages,
        }
        name = f"{input.style}-{seed}.{suffix}"
        return [AssetFile(path, filename=name, provenance=provenance, picture=picture)]
