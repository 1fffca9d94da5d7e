"""The looks a card can have: colours only; what is painted with them is in background.py."""

from dataclasses import dataclass
from typing import Final


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
    """Colours of one look. `ground` runs from the top left corner to the bottom right one."""

    ground: tuple[str, ...]
    blobs: tuple[Blob, ...]
    title: str
    text: str
    muted: str
    accent: str
    accent_text: str
    line: str
    grain: float


THEMES: Final[dict[str, Theme]] = {
    "ink": Theme(
        ground=("#090d1f", "#0d1230", "#171242"),
        blobs=(
            Blob("#5b3df5", 0.92, 0.10, 0.62, 0.85),
            Blob("#0c93a8", 0.72, 1.12, 0.50, 0.66),
            Blob("#2236a8", 0.05, 0.95, 0.55, 0.55),
        ),
        title="#ffffff",
        text="#f2f4ff",
        muted="#d6daf4",
        accent="#8f7bff",
        accent_text="#0b0d20",
        line="#ffffff38",
        grain=1.2,
    ),
    "paper": Theme(
        ground=("#fdfaf4", "#f8f2e8", "#f3ebe0"),
        blobs=(
            Blob("#ffbf94", 0.97, 0.02, 0.55, 0.90),
            Blob("#b4cdfb", 0.85, 1.10, 0.55, 0.85),
            Blob("#f5cfdc", 0.05, 1.05, 0.45, 0.60),
        ),
        title="#15130f",
        text="#24211b",
        muted="#57524a",
        accent="#e2562b",
        accent_text="#ffffff",
        line="#15130f33",
        grain=1.2,
    ),
    "sunrise": Theme(
        ground=("#2a0b3f", "#6a1253", "#8f1f45"),
        blobs=(
            Blob("#f9552a", 1.15, 0.72, 0.56, 0.75),
            Blob("#3d1580", 0.05, 0.00, 0.60, 0.80),
            Blob("#c81f72", 0.45, 1.15, 0.50, 0.52),
        ),
        title="#ffffff",
        text="#fffaf6",
        muted="#fff4ee",
        accent="#ffc24d",
        accent_text="#3a0d30",
        line="#ffffff45",
        grain=1.2,
    ),
    "forest": Theme(
        ground=("#04201b", "#07332a", "#0a3d33"),
        blobs=(
            Blob("#1b945f", 0.96, 0.02, 0.58, 0.80),
            Blob("#86ae34", 1.03, 1.10, 0.42, 0.48),
            Blob("#0a6b70", 0.08, 1.05, 0.55, 0.70),
        ),
        title="#fbfff6",
        text="#effbe9",
        muted="#d9ecdf",
        accent="#c8ee5c",
        accent_text="#06251d",
        line="#ffffff38",
        grain=1.2,
    ),
    "mono": Theme(
        ground=("#0b0b0d", "#121215", "#0c0c0e"),
        blobs=(
            Blob("#4a4a55", 0.90, -0.05, 0.60, 0.80),
            Blob("#34343c", 0.10, 1.10, 0.55, 0.75),
            Blob("#26262c", 0.60, 0.80, 0.40, 0.50),
        ),
        title="#fafafa",
        text="#f1f1f2",
        muted="#b4b4bb",
        accent="#fafafa",
        accent_text="#0b0b0d",
        line="#ffffff33",
        grain=1.2,
    ),
}
