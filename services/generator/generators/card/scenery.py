"""The whole ground of a card: its background, and the picture that fills it or a part of it."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from services.generator.generators.art.easel import painted
from services.generator.generators.art.inputs import PaletteName, Style
from services.generator.generators.card.background import paint
from services.generator.generators.card.contrast import is_dark, legible
from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.looks import Theme
from services.generator.generators.card.pictures import covering
from services.generator.generators.card.placement import Box, is_low, panel
from services.generator.generators.pixels import Floats, oklab, srgb
from shared.generators import InputFile

_OVER_PHOTO, _OVER_ART, _ON_POSTER = 0.58, 0.76, 0.09
"""How much of the theme lies over a picture where text is: art is full of edges, and yields."""
_DETAIL = 0.35
_PICTORIAL = ("split", "poster")


@dataclass(frozen=True, slots=True)
class Scenery:
    """What a card's ground is made of. `photo` is the card's image, where the ground shows it."""

    card: CardInput
    theme: Theme
    photo: InputFile | None
    from_right: bool

    @property
    def art(self) -> tuple[Style, PaletteName] | None:
        """The style and palette that are painted, if any are."""
        if self.photo is not None or (self.card.art is None and self.card.layout not in _PICTORIAL):
            return None
        style, palette = self.theme.art
        return self.card.art or style, self.card.palette or palette

    @property
    def is_behind_text(self) -> bool:
        """Whether text stands on a picture."""
        return self.card.layout != "split" and (self.photo is not None or self.art is not None)

    def paint(self) -> Floats:
        """sRGB (height, width, 3) in 0-255, without grain."""
        card = self.card
        whole = Box(0, 0, card.width, card.height)
        place = panel(card, from_right=self.from_right)
        if place is None:
            picture = self._picture(whole)
            return self._plain() if picture is None else self._veiled(picture)
        ground = self._plain()
        picture = self._picture(place)
        if picture is not None:
            ground[place.top :, place.left :][: place.height, : place.width] = picture
        return ground

    def _plain(self) -> Floats:
        card, theme = self.card, self.theme
        if card.layout == "minimal":
            theme = dataclasses.replace(theme, blobs=())
        ground = paint(theme, card.width, card.height, card.seed)
        if card.accent is None:
            return ground
        return legible(ground, theme, np.ones((*ground.shape[:2], 1), dtype=np.float32))

    def _picture(self, place: Box) -> Floats | None:
        card = self.card
        if self.photo is not None:
            cut = covering(self.photo, "image", place.width, place.height)
            return np.asarray(cut, dtype=np.float32)
        if self.art is None:
            return None
        return painted(*self.art, (place.width, place.height), _DETAIL, card.seed)

    def _veiled(self, picture: Floats) -> Floats:
        """`picture` behind the theme's colours, so that text can be read where it is."""
        where = self._where()
        over = _OVER_ART if self.photo is None else _OVER_PHOTO
        more = _ON_POSTER if self.card.layout == "poster" else 0.0
        strength = where * np.float32(over + more)
        theme = dataclasses.replace(self.theme, muted=self.theme.text)
        ground = srgb(oklab(theme.ground[0]))
        veiled = np.asarray(picture + (ground - picture) * strength, dtype=np.float32)
        return legible(veiled, theme, where)

    def _where(self) -> Floats:
        """Where text stands, (height, width or 1, 1): all over, or above and below on a poster."""
        height = self.card.height
        if self.card.layout != "poster" or is_low(self.card):
            return np.ones((height, 1, 1), dtype=np.float32)
        y = ((np.arange(height) + 0.5) / height).astype(np.float32)
        head = bool(self.card.brand or self.card.badge or self.card.logo)
        above = _eased((0.46 - y) / 0.34) * np.float32(0.62 if head else 0)
        where = np.maximum(_eased((y - 0.24) / 0.34), above)[:, None, None]
        return np.asarray(where, dtype=np.float32)


def _eased(t: Floats) -> Floats:
    t = np.clip(t, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def muted_on_picture(theme: Theme, *, pictured: bool) -> Theme:
    """On a picture, what is quiet elsewhere is as strong as the rest."""
    if not pictured:
        return theme
    line = "#ffffff73" if is_dark(theme) else "#00000059"
    return dataclasses.replace(theme, muted=theme.text, line=line)
