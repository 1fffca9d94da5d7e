"""From a picture to one of the size that was asked for, and the last touches."""

import math
from typing import Any, Final

from services.generator.generators.rendition.inputs import RenditionInput

_LOOKING: Final = frozenset({"attention", "entropy"})
_COMPASS: Final = {
    "center": "centre",
    "top": "north",
    "bottom": "south",
    "left": "west",
    "right": "east",
    "top-left": "north-west",
    "top-right": "north-east",
    "bottom-left": "south-west",
    "bottom-right": "south-east",
}


def narrowed(picture: Any, width: int) -> Any:
    """So wide, in its own shape."""
    return _scaled(picture, width, _rounded(picture.height * width / picture.width))


def sized(picture: Any, asked: RenditionInput) -> Any:
    """As `fit` says."""
    width, height = asked.width, asked.height
    if asked.fit == "inside" or not (width and height):
        return _inside(picture, width, height, enlarge=asked.enlarge)
    if asked.fit == "fill":
        return _scaled(picture, width, height)
    if asked.fit == "cover":
        return _covering(picture, width, height, asked.position)
    inner = _inside(picture, width, height, enlarge=True)
    return _framed(inner, width, height, asked)


def _inside(picture: Any, width: int | None, height: int | None, *, enlarge: bool) -> Any:
    share = min(
        width / picture.width if width else math.inf,
        height / picture.height if height else math.inf,
    )
    share = share if enlarge else min(share, 1.0)
    if math.isinf(share) or share == 1:
        return picture
    return _scaled(picture, _rounded(picture.width * share), _rounded(picture.height * share))


def _covering(picture: Any, width: int, height: int, position: str) -> Any:
    share = max(width / picture.width, height / picture.height)
    across = max(width, _rounded(picture.width * share))
    down = max(height, _rounded(picture.height * share))
    scaled = _scaled(picture, across, down)
    if position in _LOOKING:
        return scaled.smartcrop(width, height, interesting=position)
    compass = _COMPASS[position]
    left = 0 if "west" in compass else (across - width) // (1 if "east" in compass else 2)
    top = 0 if "north" in compass else (down - height) // (1 if "south" in compass else 2)
    return scaled.crop(left, top, width, height)


def _framed(picture: Any, width: int, height: int, asked: RenditionInput) -> Any:
    """All of it, with a margin in the colour of the background, else one that is not there."""
    if asked.background is None:
        picture = picture if picture.hasalpha() else picture.bandjoin(255)
        margin = [0.0, 0.0, 0.0, 0.0]
    else:
        picture = _flat(picture, asked.background)
        margin = channels(asked.background)
    compass = _COMPASS.get(asked.position, "centre")
    return picture.gravity(compass, width, height, extend="background", background=margin)


def finished(picture: Any, asked: RenditionInput) -> Any:
    """With a background, where there is to be one, and the last touches."""
    if picture.hasalpha() and (asked.background or asked.format == "jpeg"):
        picture = _flat(picture, asked.background or "#ffffff")
    if asked.blur:
        picture = picture.gaussblur(asked.blur)
    if asked.sharpen:
        picture = picture.sharpen(sigma=0.8, m2=2)
    return picture.colourspace("b-w") if asked.grayscale else picture


def channels(color: str) -> list[float]:
    """`#rrggbb` as numbers to 255."""
    return [float(int(color[place : place + 2], 16)) for place in (1, 3, 5)]


def _flat(picture: Any, color: str) -> Any:
    return picture.flatten(background=channels(color)) if picture.hasalpha() else picture


def _scaled(picture: Any, width: int, height: int) -> Any:
    if (width, height) == (picture.width, picture.height):
        return picture
    return picture.thumbnail_image(width, height=height, size="force", no_rotate=True)


def _rounded(value: float) -> int:
    return max(1, round(value))
