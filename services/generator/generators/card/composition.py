"""A card put together: background, grain, lettering, one file."""

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image

from services.generator.generators.card.contrast import recolored
from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.lettering import Lettering
from services.generator.generators.card.looks import Theme
from services.generator.generators.card.scenery import Scenery, muted_on_picture
from services.generator.generators.card.themes import THEMES
from services.generator.generators.pixels import Floats, generator_for, grain, write
from services.generator.generators.typography import text
from services.generator.generators.typography.faces import FontChoice, choose
from shared.errors import InvalidInputError
from shared.generators import InputFile


class Composition:
    """One card in the making."""

    def __init__(
        self, card: CardInput, *, image: InputFile | None = None, logo: InputFile | None = None
    ) -> None:
        """Raises `InvalidInputError` for a title of which no font here can draw anything."""
        theme = THEMES[card.theme]
        if card.accent is not None:
            theme = recolored(theme, card.accent)
        from_right = text.language(card.title) in text.FROM_RIGHT
        portrait, photo = (image, None) if card.layout == "quote" else (None, image)
        self._scenery = Scenery(card, theme, photo, from_right)
        self._fonts = _fonts(card, theme)
        self._lettering = Lettering(
            card,
            muted_on_picture(theme, pictured=self._scenery.is_behind_text),
            self._fonts,
            from_right=from_right,
            logo=logo,
            portrait=portrait,
        )
        self._card, self._grain = card, theme.grain
        self._picture: Floats = np.zeros((0, 0, 3), dtype=np.float32)
        self._stages: dict[str, float] = {}

    def provenance(self) -> dict[str, Any]:
        """What it was made with, and how long each stage took, in seconds."""
        return {
            "fonts": self._fonts.hashes(),
            "omitted_characters": self._fonts.omitted,
            "art": self._scenery.art,
            "stages": self._stages,
        }

    def paint(self) -> None:
        """The ground, and grain on it: lettering stays free of that."""
        started = perf_counter()
        card = self._card
        self._picture = self._scenery.paint()
        self._picture += grain(card.height, card.width, generator_for(card.seed, 2), self._grain)
        self._stages["background"] = round(perf_counter() - started, 4)

    def letter(self, scratch: Path) -> None:
        started = perf_counter()
        over = self._lettering.set(scratch)
        alpha = over[..., 3:] / np.float32(255)
        self._picture += (over[..., :3] - self._picture) * alpha
        self._stages["lettering"] = round(perf_counter() - started, 4)

    def encode(self, path: Path) -> Image.Image:
        """Answers what is in the file."""
        started = perf_counter()
        picture = write(path, self._picture, self._card.format)
        self._stages["encoding"] = round(perf_counter() - started, 4)
        return picture


def _fonts(card: CardInput, theme: Theme) -> FontChoice:
    words = " ".join((card.title, card.subtitle, card.badge, card.brand, card.author, card.address))
    chosen = choose(words, text.language(words), face=theme.face)
    if not chosen.drawable(card.title):
        raise InvalidInputError(
            f"no font here can draw the title {card.title!r}: install Noto Sans CJK, Noto Color "
            "Emoji or the Noto font of its script, or use another title"
        )
    return chosen
