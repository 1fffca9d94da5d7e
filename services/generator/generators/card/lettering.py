"""The text of a card as a transparent picture, set by Typst from template.typ.

Typst measures and fits; this module decides what it is told. User text travels as JSON in the
system inputs and is never part of the program.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from services.generator.generators.card.contrast import luminance, luminances
from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.looks import Theme
from services.generator.generators.card.pictures import covering, png, within
from services.generator.generators.card.placement import column, share, unit
from services.generator.generators.pixels import Floats
from services.generator.generators.typography import text
from services.generator.generators.typography.faces import Face, FontChoice
from services.generator.generators.typography.pictographs import pictographs
from services.generator.generators.typography.typesetting import typeset
from shared.generators import InputFile

TEMPLATE: Final = Path(__file__).parent / "template.typ"

_TIGHT, _OPEN = 0.36, 0.48
_SHALLOW, _DEEP = 0.24, 0.44
_LOGO_HEIGHT, _PORTRAIT = 80, 136  # twice what they are set at: sharp on any screen
_HIDDEN, _MOST_HIDDEN = 1.6, 0.2  # a logo with more than a fifth of less contrast gets a plate
_LARGEST: Final = {
    "left": 138, "center": 138, "split": 104, "statement": 330, "quote": 92, "poster": 120,
    "minimal": 68,
}  # fmt: skip
_CENTERED: Final = ("center", "statement")
_FAMILIES: Final[dict[Face, tuple[str, str, str]]] = {
    "sans": ("Inter Display", "Inter Display", "Inter"),
    "serif": ("Noto Serif Display", "Inter Display", "Inter"),
    "mono": ("JetBrains Mono", "JetBrains Mono", "JetBrains Mono"),
}  # of titles, of subtitles, of all that is small
_TRACKING: Final[dict[Face, float]] = {"sans": -0.022, "serif": -0.008, "mono": -0.045}
_ONE_LINE, _NO_BREAK = 16, "\u00a0"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pictures:
    logo: InputFile | None
    portrait: InputFile | None


class Lettering:
    """What is written on one card, and the small pictures among it."""

    def __init__(
        self,
        card: CardInput,
        theme: Theme,
        fonts: FontChoice,
        *,
        from_right: bool = False,
        logo: InputFile | None = None,
        portrait: InputFile | None = None,
    ) -> None:
        self._card, self._theme, self._fonts = card, theme, fonts
        self._from_right = from_right
        self._pictures = _Pictures(logo=logo, portrait=portrait)

    def set(self, scratch: Path) -> Floats:
        """The lettering as RGBA (height, width, 4) in 0-255, straight alpha."""
        (page,) = typeset(TEMPLATE, self.described(), self._fonts, scratch)
        with Image.open(io.BytesIO(page)) as picture:
            return np.asarray(picture.convert("RGBA"), dtype=np.float32)

    def described(self) -> dict[str, Any]:
        """What the template reads."""
        return self._words() | self._sizes() | self._colors() | self._small_pictures()

    def _words(self) -> dict[str, Any]:
        card, drawable = self._card, self._fonts.drawable
        drawn = {
            name: drawable(getattr(card, name))
            for name in ("title", "subtitle", "badge", "brand", "author")
        }
        address = drawable(text.shown_address(card.address))
        quoted = card.layout == "quote"
        said_by = drawn["subtitle"] or self._pictures.portrait
        return drawn | {
            "address": address,
            "foot": bool(drawn["author"] or address or (quoted and said_by)),
            "initial": text.initial(drawn["brand"]),
            **self._title(drawn["title"]),
            "subtitle_broken": text.breakable(drawn["subtitle"]),
            "lang": text.language(card.title + card.subtitle),
            "fallback": list(self._fonts.fallback),
            "pictographs": pictographs(self._fonts),
        }

    def _title(self, title: str) -> dict[str, Any]:
        """A title and what of it has to stay on one line: all of a short statement."""
        whole, pieces = text.whole_words(title), text.unbreakable_pieces(title)
        if self._card.layout == "statement" and len(title) <= _ONE_LINE:
            whole = title.replace(" ", _NO_BREAK)
            pieces = [whole]
        return {"title": whole, "title_broken": text.breakable(title), "title_pieces": pieces}

    def _sizes(self) -> dict[str, Any]:
        card, place = self._card, column(self._card, from_right=self._from_right)
        tall = text.needs_room(card.title)
        quoted = 0.10 if card.layout == "quote" else 0.0
        return {
            "layout": card.layout,
            "width": card.width,
            "height": card.height,
            "unit": round(unit(card), 4),
            "column": [place.left, place.top, place.width, place.height],
            "centered": card.layout in _CENTERED,
            "from_right": self._from_right,
            "largest": _LARGEST[card.layout],
            "smallest": 13,
            "largest_subtitle": 44 if card.layout == "statement" else 31,
            "share": share(card),
            "leading": (_OPEN if tall else _TIGHT) + quoted,
            "quiet_leading": 0.8 if text.is_deep(card.subtitle) else 0.62,
            "depth": _DEEP if text.is_deep(card.title) else _SHALLOW,
        }

    def _colors(self) -> dict[str, Any]:
        theme = self._theme
        display, quiet, small = _FAMILIES[theme.face]
        names = ("title", "text", "muted", "accent", "accent_text", "line")
        colors = {name: getattr(theme, name) for name in names}
        if self._card.layout == "statement":
            colors["title"] = theme.accent
        return {
            "colors": colors,
            "look": {
                "display": [display, "Inter Display"],
                "quiet": [quiet, "Inter Display"],
                "small": [small, "Inter"],
                "weight": theme.weight if self._card.layout != "quote" else _lighter(theme),
                "tracking": _TRACKING[theme.face],
                "flush": -0.027 if theme.face == "sans" else 0.0,
                "rules": theme.rules and self._card.layout != "poster",
                "cursor": theme.face == "mono" and self._card.layout not in ("quote", "statement"),
            },
        }

    def _small_pictures(self) -> dict[str, Any]:
        scale, given = unit(self._card), self._pictures
        portrait = None
        if given.portrait is not None:
            side = max(16, round(_PORTRAIT * scale))
            portrait = png(covering(given.portrait, "image", side, side))
        return {"logo": self._logo(scale), "portrait": portrait}

    def _logo(self, scale: float) -> dict[str, Any] | None:
        if self._pictures.logo is None:
            return None
        height = max(16, round(_LOGO_HEIGHT * scale))
        logo = within(self._pictures.logo, "logo", 16 * height, height)
        ground = luminance(self._theme.ground[0])
        return {
            "png": png(logo),
            "width": logo.width,
            "height": logo.height,
            "plate": _hidden_share(logo, ground) > _MOST_HIDDEN,
            "behind": "#ffffff" if ground < 0.2 else "#15151a",
        }


def _hidden_share(logo: Image.Image, ground: float) -> float:
    """How much of what is not transparent could not be told from the ground."""
    pixels = np.asarray(logo, dtype=np.float32).reshape(-1, 4)
    seen = luminances(pixels[pixels[:, 3] > 128, :3])
    contrast = (np.maximum(seen, ground) + 0.05) / (np.minimum(seen, ground) + 0.05)
    return float((contrast < _HIDDEN).mean()) if len(seen) else 0.0


def _lighter(theme: Theme) -> int:
    """Quotations are long, and quieter than titles."""
    return {"sans": 500, "serif": 400, "mono": 500}[theme.face]
