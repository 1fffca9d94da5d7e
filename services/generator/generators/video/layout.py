"""Where words stand in a frame: the places of titles and captions, by shape and position."""

from dataclasses import dataclass
from typing import Final, Literal

from services.generator.generators.video.planes import Size

Position = Literal["left", "center", "bottom"]
Shape = Literal["landscape", "portrait", "square"]


@dataclass(frozen=True, slots=True)
class Place:
    """A box for a title and its subtitle, in units, and where in it they stand.

    A unit is one pixel of a frame whose shorter side has 720. `largest` are letter sizes.
    """

    x: int
    y: int
    width: int
    height: int
    centered: bool
    anchor: Literal["top", "horizon", "bottom"]
    largest: int
    largest_subtitle: int


_PLACES: Final[dict[tuple[Shape, Position], Place]] = {
    ("landscape", "left"): Place(84, 84, 780, 552, False, "horizon", 108, 32),
    ("landscape", "center"): Place(120, 84, 1040, 552, True, "horizon", 124, 34),
    ("landscape", "bottom"): Place(84, 200, 960, 448, False, "bottom", 66, 28),
    ("portrait", "left"): Place(60, 180, 600, 800, False, "horizon", 96, 34),
    ("portrait", "center"): Place(60, 180, 600, 800, True, "horizon", 92, 34),
    ("portrait", "bottom"): Place(60, 440, 600, 640, False, "bottom", 78, 32),
    ("square", "left"): Place(64, 64, 592, 592, False, "horizon", 84, 28),
    ("square", "center"): Place(64, 64, 592, 592, True, "horizon", 80, 28),
    ("square", "bottom"): Place(64, 180, 592, 476, False, "bottom", 60, 26),
}
_CAPTIONS: Final[dict[Shape, tuple[int, int, int]]] = {
    "landscape": (900, 96, 48),
    "portrait": (568, 140, 200),
    "square": (560, 130, 40),
}
"""Width and height of the words at most, and the distance of the box from the foot."""
_INSET: Final = 39
"""Between the words of a caption and the edges of their box, above and below together."""
_GAP: Final = 26
"""Between the box of a title and that of a caption."""


class Layout:
    """The places in frames of one size."""

    def __init__(self, frame: Size) -> None:
        self.frame = frame
        width, height = frame
        self.unit = min(frame) / 720
        self.shape: Shape = "square"
        if width != height:
            self.shape = "landscape" if width > height else "portrait"

    def place(
        self, position: Position, *, captioned: bool = False, mirrored: bool = False
    ) -> Place:
        """Where a title stands at `position`, in pixels; above the captions if there are any."""
        asked = _PLACES[self.shape, position]
        height = asked.height
        if captioned:
            height = min(height, self._captions_top - _GAP - asked.y)
        x = self.pixels(asked.x)
        return Place(
            self.frame[0] - self.pixels(asked.width) - x if mirrored else x,
            self.pixels(asked.y),
            self.pixels(asked.width),
            self.pixels(height),
            asked.centered,
            asked.anchor,
            asked.largest,
            asked.largest_subtitle,
        )

    @property
    def caption_box(self) -> tuple[int, int]:
        """Width and height in pixels that the words of a caption may take."""
        width, height, _ = _CAPTIONS[self.shape]
        return self.pixels(width), self.pixels(height)

    def caption_at(self, size: Size) -> tuple[int, int]:
        """The upper left corner of a caption's box of this size."""
        foot = self.frame[1] - self.pixels(_CAPTIONS[self.shape][2])
        return (self.frame[0] - size[0]) // 2, foot - size[1]

    @property
    def _captions_top(self) -> int:
        """How far down the box of the longest caption begins, in units."""
        _, height, foot = _CAPTIONS[self.shape]
        return round(self.frame[1] / self.unit) - foot - height - _INSET

    def pixels(self, units: float) -> int:
        return round(units * self.unit)
