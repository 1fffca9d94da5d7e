"""Colours between colours, and colours that text can be read in."""

from collections.abc import Sequence
from functools import lru_cache


def rgb(color: str) -> tuple[int, int, int]:
    """The three channels of `#rrggbb`."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def mixed(low: str, high: str, share: float) -> str:
    """`share` of `high`, the rest of `low`."""
    pairs = zip(rgb(low), rgb(high), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def along(ramp: Sequence[str], place: float) -> str:
    """The colour at `place`, 0 to 1, of a ramp."""
    position = min(max(place, 0.0), 1.0) * (len(ramp) - 1)
    index = min(int(position), len(ramp) - 2)
    return mixed(ramp[index], ramp[index + 1], position - index)


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in rgb(color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.1), 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=256)
def readable(color: str, ground: str) -> str:
    """`color`, as far towards black or white as text on `ground` needs: 4.5 to 1."""
    end = "#000000" if luminance(ground) > 0.18 else "#ffffff"
    steps = (mixed(color, end, step / 20) for step in range(21))
    return next(mix for mix in steps if contrast(mix, ground) >= 4.5)


def over(ground: str) -> str:
    """Black or white, whichever reads better on `ground`."""
    return max(("#ffffff", "#101216"), key=lambda ink: contrast(ink, ground))
