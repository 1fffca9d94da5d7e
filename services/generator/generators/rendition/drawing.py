"""Flat shapes of one colour, as SVG or as pixels: the same list of shapes for both."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from PIL import Image, ImageDraw

Point: TypeAlias = tuple[float, float]

_ALL: Final = (True, True, True, True)
FINEST: Final = 4
_MOST_DRAWN: Final = 48_000_000


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `corners` that are round are the upper left one first, then clockwise."""

    x: float
    y: float
    width: float
    height: float
    radius: float = 0
    corners: tuple[bool, bool, bool, bool] = _ALL

    def svg(self) -> str:
        if self.corners == _ALL:
            round_ends = f' rx="{self.radius:g}"' if self.radius else ""
            return (
                f'<rect x="{self.x:g}" y="{_short(self.y)}" width="{self.width:g}" '
                f'height="{_short(self.height)}"{round_ends}/>'
            )
        return f'<path d="{self.outline()}"/>'

    def outline(self) -> str:
        """As a path; corner after corner, each an arc or nothing."""
        right, bottom = self.x + self.width, self.y + self.height
        one, two, three, four = (self.radius if corner else 0 for corner in self.corners)
        return (
            f"M{_short(self.x + one)} {_short(self.y)}H{_short(right - two)}{_arc(two, 1, 1)}"
            f"V{_short(bottom - three)}{_arc(three, -1, 1)}H{_short(self.x + four)}"
            f"{_arc(four, -1, -1)}V{_short(self.y + one)}{_arc(one, 1, -1)}Z"
        )

    def draw(self, canvas: ImageDraw.ImageDraw, scale: int, fill: int = 255) -> None:
        x, y = self.x * scale, self.y * scale
        right = max(x, x + self.width * scale - 1)
        bottom = max(y, y + self.height * scale - 1)
        radius = self.radius * scale
        canvas.rounded_rectangle((x, y, right, bottom), radius, fill=fill)
        places = (
            (x, y),
            (right - radius, y),
            (right - radius, bottom - radius),
            (x, bottom - radius),
        )
        for (left, top), is_round in zip(places, self.corners, strict=True):
            if not is_round:
                canvas.rectangle((left, top, left + radius, top + radius), fill=fill)


@dataclass(frozen=True, slots=True)
class Ring:
    """A square frame with round corners."""

    x: float
    y: float
    side: float
    thickness: float
    radius: float

    @property
    def _both(self) -> tuple[Bar, Bar]:
        inner, inset = self.side - 2 * self.thickness, self.thickness
        return (
            Bar(self.x, self.y, self.side, self.side, self.radius),
            Bar(self.x + inset, self.y + inset, inner, inner, max(0, self.radius - inset)),
        )

    def svg(self) -> str:
        outer, inner = self._both
        return f'<path fill-rule="evenodd" d="{outer.outline()}{inner.outline()}"/>'

    def draw(self, canvas: ImageDraw.ImageDraw, scale: int) -> None:
        outer, inner = self._both
        outer.draw(canvas, scale)
        inner.draw(canvas, scale, fill=0)


@dataclass(frozen=True, slots=True)
class Area:
    """Everything inside of a closed line."""

    points: Sequence[Point]

    def svg(self) -> str:
        return f'<path d="M{_path(self.points)}Z"/>'

    def draw(self, canvas: ImageDraw.ImageDraw, scale: int) -> None:
        canvas.polygon([(x * scale, y * scale) for x, y in self.points], fill=255)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of some width."""

    points: Sequence[Point]
    width: float

    def svg(self) -> str:
        return (
            f'<path d="M{_path(self.points)}" fill="none" stroke="currentColor" '
            f'stroke-width="{self.width:g}" stroke-linejoin="round"/>'
        )

    def draw(self, canvas: ImageDraw.ImageDraw, scale: int) -> None:
        points = [(x * scale, y * scale) for x, y in self.points]
        canvas.line(points, fill=255, width=round(self.width * scale), joint="curve")


Shape: TypeAlias = Bar | Ring | Area | Line


def raster(
    size: tuple[int, int],
    shapes: Sequence[Shape],
    color: str,
    background: str | None,
    *,
    finest: int = FINEST,
) -> Image.Image:
    """The shapes as pixels; nothing behind them where there is no background.

    Edges are as smooth as so many times as many pixels make them; 1 is quick, and rough.
    """
    mask = _mask(size, shapes, finest)
    if background is None:
        picture = Image.new("RGBA", size, color)
        picture.putalpha(mask)
        return picture
    picture = Image.new("RGB", size, background)
    picture.paste(Image.new("RGB", size, color), mask=mask)
    return picture


def save(picture: Image.Image, path: Path) -> None:
    """As PNG or WebP, without loss: flat colours are small that way."""
    if path.suffix == ".webp":
        picture.save(path, format="WEBP", lossless=True, method=4)
    else:
        picture.save(path, format="PNG", optimize=True)


def svg(
    size: tuple[int, int],
    shapes: Sequence[Shape],
    color: str,
    background: str | None,
    *,
    seam: float = 0,
    over: str = "",
) -> str:
    """The same as a drawing; `seam` closes the hairlines between neighbours, `over` lies on top."""
    width, height = size
    ground = f'<rect width="100%" height="100%" fill="{background}"/>' if background else ""
    stroke = f' stroke="{color}" stroke-width="{seam:g}"' if seam else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{ground}<g fill="{color}" color="{color}"{stroke}>'
        + "".join(shape.svg() for shape in shapes)
        + f"</g>{over}</svg>\n"
    )


def _mask(size: tuple[int, int], shapes: Sequence[Shape], finest: int) -> Image.Image:
    """Where there is colour, and how much: drawn larger, then made smaller, for smooth edges."""
    width, height = size
    scale = next((s for s in range(finest, 1, -1) if width * height * s * s <= _MOST_DRAWN), 1)
    large = Image.new("L", (width * scale, height * scale))
    canvas = ImageDraw.Draw(large)
    for shape in shapes:
        shape.draw(canvas, scale)
    return large if scale == 1 else large.reduce(scale)


def _path(points: Sequence[Point]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _arc(radius: float, across: int, down: int) -> str:
    if not radius:
        return ""
    reach, aside, further = _short(radius), _short(across * radius), _short(down * radius)
    return f"a{reach} {reach} 0 0 1 {aside} {further}"


def _short(value: float) -> str:
    return f"{round(value, 2):g}"
