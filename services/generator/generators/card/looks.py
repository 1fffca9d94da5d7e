"""What a theme is: colours, letters and a pattern. The themes themselves are in themes.py."""

from dataclasses import dataclass
from typing import Literal

from services.generator.generators.art.inputs import PaletteName, Style
from services.generator.generators.typography.faces import Face

Pattern = Literal["plain", "grid", "dots", "scanlines"]


@dataclass(frozen=True, slots=True)
class Blob:
    """A soft light: colour, centre and radius as fractions of the card, strength at its centre."""

    color: str
    x: float
    y: float
    radius: float
    strength: float


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. `ground` runs from the top left corner to the bottom right one.

    `face` and `weight` are what titles are set in; `rules` draws hairlines under the head and over
    the foot. `art` is what fills the panel of a split card and a poster where nothing else does.
    """

    ground: tuple[str, ...]
    blobs: tuple[Blob, ...]
    title: str
    text: str
    muted: str
    accent: str
    accent_text: str
    line: str
    art: tuple[Style, PaletteName]
    grain: float = 1.2
    face: Face = "sans"
    weight: int = 700
    rules: bool = False
    pattern: Pattern = "plain"
    pattern_color: str = "#ffffff"
    pattern_strength: float = 0.0
