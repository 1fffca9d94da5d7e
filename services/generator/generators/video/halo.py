"""What makes small letters legible on fine lines: more of the veil, close around them.

It comes and goes with its word. On a smooth ground there is none.
"""

from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from services.generator.generators.video.backgrounds import Backdrop
from services.generator.generators.video.overlays import Overlay, overlay
from services.generator.generators.video.themes import rgb_of
from services.generator.generators.video.veil import bounds, ground_behind

_STRENGTH: Final = 0.7
_SMOOTH, _RESTLESS = 0.025, 0.07
_NEAR: Final = 80  # the shorter side of the frame over the radius
_FULL: Final = 70


def halo(backdrop: Backdrop, word: Overlay, color: str) -> Overlay | None:
    """For this word, in the colour of the veil; None where the ground is smooth."""
    strength = _STRENGTH * restlessness(backdrop, word)
    if strength == 0:
        return None
    radius = min(backdrop.move.frame) / _NEAR
    margin = 2 * round(1.5 * radius)
    picture = Image.new("L", (word.alpha.width + 2 * margin, word.alpha.height + 2 * margin))
    picture.paste(word.alpha, (margin, margin))
    near = np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32)
    alpha = np.minimum(near / np.float32(_FULL), 1) * np.float32(255 * strength)
    rgb = np.broadcast_to(rgb_of(color), (*alpha.shape, 3))
    rgba = np.concatenate((rgb, alpha[..., None]), axis=-1)
    return overlay(rgba, word.x - margin, word.y - margin)


def restlessness(backdrop: Backdrop, word: Overlay) -> float:
    """0 on a smooth ground, 1 on one of fine lines that run across the letters."""
    ground = ground_behind(backdrop, bounds([word]), 0.5)
    steps = [float(np.abs(np.diff(ground, axis=axis)).mean()) for axis in (0, 1)]
    return min(max((sum(steps) - _SMOOTH) / _RESTLESS, 0), 1)
