"""Social cards (Open Graph images): a title, well set, on a soft gradient."""

from services.generator.generators.card.generator import CardGenerator

__all__ = ["CardGenerator"]
