"""The card generator: background, lettering, one file."""

from datetime import timedelta
from typing import Any, ClassVar

from services.generator.generators.card.inputs import CardInput
from shared.generators import AssetFile, Generator, GeneratorContext, Limits


class CardGenerator(Generator[CardInput]):
    """Sets a title, with brand, badge, author and address, on a soft gradient with fine grain."""

    name: ClassVar[str] = "card"
    version: ClassVar[str] = "2.0.0"
    description: ClassVar[str] = "Social cards (Open Graph images) that one would share unchanged."
    input_model: ClassVar[type[CardInput]] = CardInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png", "image/jpeg", "image/webp")
    example: ClassVar[dict[str, Any]] = {
        "title": "How we cut build times from forty minutes to four",
        "subtitle": "Caching, sharding and the courage to delete tests nobody reads",
        "badge": "GUIDE",
        "brand": "Northwind",
        "author": "Ada Lovelace",
        "address": "northwind.dev/blog",
        "theme": "ink",
    }
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(seconds=60),
        memory_bytes=2 * 1024**3,
        output_bytes=64 * 1024**2,
        resident_bytes=704 * 1024**2,
    )

    async def generate(self, input: CardInput, context: GeneratorContext) -> list[AssetFile]:
        """One file of `width` x `height` pixels.

        Raises `InvalidInputError` for a title of which no font here can draw anything, and for
        assets that cannot be read as pictures or are too large.
        """
        # Announcing a generator imports this module: what paints is loaded by who paints.
        from services.generator.generators.card import composition  # noqa: PLC0415

        given = {
            name: context.input_file(asset)
            for name, asset in (("image", input.image), ("logo", input.logo))
            if asset is not None
        }
        card = composition.Composition(input, **given)
        await context.progress(5, "Painting the background")
        card.paint()
        await context.progress(50, "Setting the text")
        card.letter(context.scratch)
        await context.progress(75, "Encoding")
        suffix = "jpg" if input.format == "jpeg" else input.format
        path = context.scratch / f"card.{suffix}"
        picture = card.encode(path)
        provenance = card.provenance() | {
            "seed": input.seed,
            "inputs": {name: file.sha256 for name, file in given.items()},
        }
        return [AssetFile(path, filename=path.name, provenance=provenance, picture=picture)]
