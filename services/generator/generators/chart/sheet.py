"""A list of marks on a page, in pixels from the top left corner; plate.typ draws it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.generator.generators.chart.lettering import Style

Place = tuple[float, float]
Anchor = Literal["start", "middle", "end"]
_SHARE = {"start": 0.0, "middle": 0.5, "end": 1.0}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the page."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def inset(
        self, *, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0
    ) -> "Box":
        """The same without what is taken from its sides."""
        return Box(self.left + left, self.top + top, self.right - right, self.bottom - bottom)

    def meets(self, other: "Box") -> bool:
        """Whether the two overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Sheet:
    """The marks, in the order in which they are laid on each other."""

    def __init__(self) -> None:
        self.marks: list[dict[str, Any]] = []

    def rect(self, box: Box, fill: str, radius: float = 0) -> None:
        """A filled rectangle."""
        place = [_r(box.left), _r(box.top), _r(box.width), _r(box.height)]
        self.marks.append({"m": "rect", "p": place, "f": fill, "r": _r(radius)})

    def line(self, start: Place, end: Place, color: str, width: float, dash: float = 0) -> None:
        """A straight line; with `dash`, in pieces so long."""
        mark = {"m": "line", "p": [*_place(start), *_place(end)], "s": color, "w": _r(width)}
        self.marks.append(mark | {"d": _r(dash)})

    def path(
        self, points: Iterable[Place], *, stroke: str = "", width: float = 0, fill: str = ""
    ) -> None:
        """An open line (`stroke`), or a shape (`fill`, closed), or both."""
        self.shape([list(points)], stroke=stroke, width=width, fill=fill)

    def shape(
        self,
        rings: Sequence[Sequence[Place]],
        *,
        stroke: str = "",
        width: float = 0,
        fill: str = "",
    ) -> None:
        """Several rings as one: the inner ones are holes."""
        rounded = [[list(_place(place)) for place in ring] for ring in rings if len(ring) > 1]
        if rounded:
            mark = {"m": "path", "p": rounded, "s": stroke, "w": _r(width), "f": fill}
            self.marks.append(mark)

    def dot(
        self, place: Place, radius: float, fill: str, stroke: str = "", width: float = 0
    ) -> None:
        """A filled circle."""
        mark = {"m": "dot", "p": [*_place(place), _r(radius)], "f": fill, "s": stroke}
        self.marks.append(mark | {"w": _r(width)})

    def text(
        self,
        place: Place,
        value: str,
        style: Style,
        color: str,
        anchor: Anchor = "start",
        *,
        halo: str = "",
    ) -> None:
        """One line of text; `place` is on its baseline. `halo` is a colour that keeps it free."""
        if value:
            mark = {"m": "text", "p": [*_place(place)], "t": value, "c": color, "h": halo}
            font = {"z": _r(style.size), "b": style.weight, "n": style.face, "k": style.tracking}
            self.marks.append(mark | font | {"a": _SHARE[anchor]})


def _place(place: Place) -> tuple[float, float]:
    return _r(place[0]), _r(place[1])


def _r(value: float) -> float:
    return round(value, 2) + 0.0
