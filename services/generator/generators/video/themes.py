"""The looks a video can have: what is written in which colour, on which veil."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.generator.generators.art.inputs import PaletteName
from services.generator.generators.pixels import Floats


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a title. `veil` lies below it, as strong as legibility asks for."""

    title: str
    text: str
    accent: str
    veil: str


@dataclass(frozen=True, slots=True)
class Theme:
    """`box` is what captions stand on.

    `ground` is the gradient of scenes with a colour of the theme, from the top left; `palette` the
    one that art is painted with unless a scene says otherwise.
    """

    ink: Ink
    box: str
    box_text: str
    ground: tuple[str, ...]
    palette: PaletteName


THEMES: Final[dict[str, Theme]] = {
    "midnight": Theme(
        ink=Ink("#ffffff", "#e9ebfb", "#9d8cff", "#070a1c"),
        box="#0a0d1ee0",
        box_text="#ffffff",
        ground=("#0a0f2b", "#17195a", "#3a2a86"),
        palette="dusk",
    ),
    "lagoon": Theme(
        ink=Ink("#ffffff", "#e3f4f3", "#5fe0cf", "#04161f"),
        box="#06181fe0",
        box_text="#ffffff",
        ground=("#052233", "#0a4a5e", "#178a8a"),
        palette="lagoon",
    ),
    "ember": Theme(
        ink=Ink("#fffaf3", "#fdeadb", "#ffb454", "#1a0806"),
        box="#180a08e0",
        box_text="#fffaf3",
        ground=("#2a0a12", "#7a1d1d", "#c2491f"),
        palette="ember",
    ),
    "forest": Theme(
        ink=Ink("#fbfff4", "#e6f2df", "#c4ec5a", "#06140d"),
        box="#08160fe0",
        box_text="#fbfff4",
        ground=("#06241b", "#12503a", "#4c8a4a"),
        palette="moss",
    ),
    "paper": Theme(
        ink=Ink("#17140f", "#39332a", "#d9481f", "#fbf6ec"),
        box="#fffdf8f0",
        box_text="#17140f",
        ground=("#fdf9f1", "#f6eee0", "#ecdcc6"),
        palette="terracotta",
    ),
    "mono": Theme(
        ink=Ink("#ffffff", "#dcdcdf", "#ffffff", "#08080a"),
        box="#0b0b0de0",
        box_text="#ffffff",
        ground=("#0c0c0f", "#1e1e23", "#3a3a42"),
        palette="graphite",
    ),
}

_DEEP, _PALE = 0.22, 0.55
"""Lumas (0-1) of a ground up to which light words, and from which on dark ones, are at home."""


def luma(color: str) -> float:
    """Of `#rrggbb`: 0-1 (Rec. ITU-R BT.709)."""
    red, green, blue = (float(part) / 255 for part in rgb_of(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def rgb_of(color: str) -> Floats:
    """`#rrggbb` as three numbers of 0-255."""
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float32)


def inks(theme: Theme) -> tuple[Ink, Ink]:
    """The theme's own, and the same the other way round: words in the colour of the veil."""
    own = theme.ink
    apart = abs(luma(own.accent) - luma(own.title)) > 0.45
    return own, Ink(own.veil, own.veil, own.accent if apart else own.veil, own.title)


def is_lost(ink: Ink, ground: float) -> bool:
    """Whether a ground of this mean luma is so near to the ink that its opposite suits better."""
    light = luma(ink.title) > luma(ink.veil)
    return ground > _PALE if light else ground < _DEEP
