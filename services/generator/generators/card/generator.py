"""The card generator: background, lettering, one PNG."""

from datetime import timedelta
from typing import Any, ClassVar

from services.generator.generators.card.inputs import CardInput
from shared.errors import InvalidInputError
from shared.generators import AssetFile, Generator, GeneratorContext, Limits


class CardGenerator(Generator[CardInput]):
    """Sets a title, with brand, badge, author and address, on a soft gradient with fine grain."""

    name: ClassVar[str] = "card"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Social cards (Open Graph images) that one would share unchanged."
    input_model: ClassVar[type[CardInput]] = CardInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png",)
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
        wall_clock=timedelta(seconds=30), memory_bytes=2 * 1024**3, output_bytes=32 * 1024**2
    )

    async def generate(self, input: CardInput, context: GeneratorContext) -> list[AssetFile]:
        """One PNG of `width` x `height` pixels.

        Raises `InvalidInputError` for a title of which no font here can draw anything.
        """
        # Announcing a generator imports this module: what paints is loaded by who paints.
        from services.generator.generators.card import composition  # noqa: PLC0415
        from services.generator.generators.typography import faces, text  # noqa: PLC0415

        words = " ".join(
            (input.title, input.subtitle, input.badge, input.brand, input.author, input.address)
        )
        chosen = faces.choose(words, text.language(words))
        if not chosen.drawable(input.title):
            raise InvalidInputError(
                f"no font here can draw the title {input.title!r}: "
                "install Noto Sans CJK or Noto Color Emoji, or use another title"
            )
        path = context.scratch / "card.png"
        stages = composition.compose(input, chosen, input.seed, path)
        provenance = {
            "generator": self.name,
            "version": self.version,
            "seed": input.seed,
            "fonts": chosen.hashes(),
            "omitted_characters": chosen.omitted,
            "stages": stages,
        }
        return [AssetFile(path, filename="card.png", provenance=provenance)]
