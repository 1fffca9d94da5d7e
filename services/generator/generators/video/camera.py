"""The slow move over a background: which part of a picture is seen, from its first to last frame.

A picture is larger than the frame (`ROOM`); a move goes from one part to another of at least the
frame's size, so that nothing is ever enlarged. Neighbours: `planes.view` looks through the box.
"""

from dataclasses import dataclass
from typing import Final

from services.generator.generators.video.planes import Box, Size

ROOM: Final = 1.16
"""How much larger than the frame a picture is, at the least."""
FASTEST: Final = 0.02
"""Of the frame a second: a faster zoom or pan draws the eye away from what is said."""

DIRECTIONS: Final = {
    "pan-left": (1, 0),
    "pan-right": (-1, 0),
    "pan-up": (0, 1),
    "pan-down": (0, -1),
}
"""Where the picture moves to; the camera goes the other way."""
AUTOMATIC: Final = ("zoom-in", "pan-left", "zoom-out", "pan-right")


@dataclass(frozen=True, slots=True)
class View:
    """Centre (fractions of the picture) and width in frames: 1 is one pixel for one pixel."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Move:
    """From one view to another, at an even pace."""

    start: View
    end: View
    picture: Size
    frame: Size

    def at(self, share: float) -> Box:
        """The part that is seen after `share` (0-1) of the way; zooms are even to the eye."""
        start, end = self.start, self.end
        width = start.width * (end.width / start.width) ** share
        across = min(self.frame[0] * width, self.picture[0])
        down = min(self.frame[1] * width, self.picture[1])
        x = (start.x + (end.x - start.x) * share) * self.picture[0]
        y = (start.y + (end.y - start.y) * share) * self.picture[1]
        left = min(max(x - across / 2, 0), self.picture[0] - across)
        top = min(max(y - down / 2, 0), self.picture[1] - down)
        return left, top, left + across, top + down


def move(kind: str, picture: Size, frame: Size, seconds: float) -> Move:
    """The move of a scene that is seen for `seconds`, over a picture of at least `ROOM`."""
    widest = min(picture[0] / frame[0], picture[1] / frame[1])
    if kind in DIRECTIONS:
        start, end = _pan(DIRECTIONS[kind], picture, frame, seconds)
        return Move(start, end, picture, frame)
    near = max(1.0, widest / (1 + FASTEST * seconds))
    close, wide = View(0.5, 0.5, near), View(0.5, 0.5, widest)
    start, end = {"zoom-in": (wide, close), "zoom-out": (close, wide)}.get(kind, (wide, wide))
    return Move(start, end, picture, frame)


def _pan(
    direction: tuple[int, int], picture: Size, frame: Size, seconds: float
) -> tuple[View, View]:
    """From one side towards the other, as far as there is room and time, about the middle."""
    width = 1.04
    reach = []
    for axis in (0, 1):
        room = (picture[axis] - frame[axis] * width) / picture[axis]
        most = FASTEST * 1.6 * seconds * frame[axis] / picture[axis]
        reach.append(direction[axis] * min(room, most) / 2)
    return (
        View(0.5 - reach[0], 0.5 - reach[1], width),
        View(0.5 + reach[0], 0.5 + reach[1], width),
    )


def automatic(number: int, picture: Size, frame: Size) -> str:
    """A move for the scene at `number`: along the side of which a picture has much more."""
    across, down = picture[0] / frame[0], picture[1] / frame[1]
    if across > 1.15 * down:
        return ("pan-left", "pan-right")[number % 2]
    if down > 1.15 * across:
        return ("pan-up", "pan-down")[number % 2]
    return AUTOMATIC[number % len(AUTOMATIC)]
