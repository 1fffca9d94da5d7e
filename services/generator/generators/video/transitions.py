"""From one scene to the next: both move on while one takes the other's place."""

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL.Image import Resampling

from services.generator.generators.pixels import Floats
from services.generator.generators.video.planes import Planes, Size, beside, blended, composed, mask

Transition = Callable[[Planes, Planes, float], Planes]

_SOFTNESS: Final = 0.16
_SLANT: Final = 0.22


def eased(share: float) -> float:
    """Slow, fast, slow: 0-1 onto 0-1 (the quintic smootherstep)."""
    return share**3 * (share * (6 * share - 15) + 10)


def settling(share: float) -> float:
    """Fast, then ever slower: 0-1 onto 0-1."""
    return 1 - (1 - min(max(share, 0), 1)) ** 3


def crossfade(before: Planes, after: Planes, share: float) -> Planes:
    return blended(before, after, eased(share))


def slide(before: Planes, after: Planes, share: float) -> Planes:
    """The new scene pushes the old one out, upwards in portrait, else to the left."""
    width, height = before.size
    upright = height > width
    strip = beside(before, after, vertical=upright)
    way = eased(share) * (height if upright else width)
    left, top = (0.0, way) if upright else (way, 0.0)
    box = (left, top, left + width, top + height)
    return strip.view(box, (width, height), Resampling.BILINEAR)  # the edge must not ring


def wipe(before: Planes, after: Planes, share: float) -> Planes:
    """A soft slanting edge runs over the frame, from the left."""
    edge = eased(share) * (1 + _SOFTNESS)
    shown = (np.float32(edge) - _slanted(before.size)) * np.float32(255 / _SOFTNESS)
    return composed(before, after, mask(shown))


def _slanted(size: Size) -> Floats:
    """0 where a wipe begins, 1 where it ends."""
    width, height = size
    across = np.linspace(0, 1 - _SLANT, width, dtype=np.float32)[None, :]
    down = np.linspace(_SLANT, 0, height, dtype=np.float32)[:, None]
    return np.asarray(across + down, dtype=np.float32)


def cut(_before: Planes, after: Planes, _share: float) -> Planes:
    return after


TRANSITIONS: Final[dict[str, Transition]] = {
    "cut": cut,
    "crossfade": crossfade,
    "slide": slide,
    "wipe": wipe,
}
