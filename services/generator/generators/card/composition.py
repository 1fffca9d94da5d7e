"""A card put together: background, grain, lettering, one file."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from services.generator.generators.card.contrast import recolored
from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.lettering import Lettering
from services.generator.generators.card.scenery import Scenery, muted_on_picture
from services.generator.generators.card.themes import THEMES
from services.generator.generators.pixels import Floats, generator_for, grain, write
from services.generator.generators.typography import text
from services.generator.generators.typography.faces import FontChoice
from shared.generators import InputFile


@dataclass(frozen=True, slots=True)
class Materials:
    """What a card is made with: fonts, and the files of the assets that it names."""

    fonts: FontChoice
    image: InputFile | None = None
    logo: InputFile | None = None


class Composition:
    """One card in the making. `stages` has the seconds that each stage took."""

    def __init__(self, card: CardInput, materials: Materials) -> None:
        theme = THEMES[card.theme]
        if card.accent is not None:
            theme = recolored(theme, card.accent)
        from_right = text.language(card.title) in text.FROM_RIGHT
        portrait = materials.image if card.layout == "quote" else None
        photo = None if portrait is not None else materials.image
        self.scenery = Scenery(card, theme, photo, from_right)
        pictured = card.layout != "split" and (photo is not None or self.scenery.art is not None)
        self._lettering = Lettering(
            card,
            muted_on_picture(theme, pictured=pictured),
            materials.fonts,
            from_right=from_right,
            logo=materials.logo,
            portrait=portrait,
        )
        self._card, self._grain = card, theme.grain
        self._picture: Floats = np.zeros((0, 0, 3), dtype=np.float32)
        self.stages: dict[str, float] = {}

    def paint(self) -> None:
        """The ground, and grain on it: lettering stays free of that."""
        started = perf_counter()
        card = self._card
        self._picture = self.scenery.paint()
        self._picture += grain(card.height, card.width, generator_for(card.seed, 2), self._grain)
        self.stages["background"] = round(perf_counter() - started, 4)

    def letter(self, scratch: Path) -> None:
        started = perf_counter()
        over = self._lettering.set(scratch)
        alpha = over[..., 3:] / np.float32(255)
        self._picture += (over[..., :3] - self._picture) * alpha
        self.stages["lettering"] = round(perf_counter() - started, 4)

    def encode(self, path: Path) -> None:
        started = perf_counter()
        write(path, self._picture, self._card.format)
        self.stages["encoding"] = round(perf_counter() - started, 4)
