"""What makes words legible on any background: a soft veil, just as strong as it has to be.

It lies still on the screen, between the moving background and the lettering, strongest under the
words and fading out where nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from services.generator.generators.pixels import Floats
from services.generator.generators.video.backgrounds import Backdrop
from services.generator.generators.video.overlays import Overlay
from services.generator.generators.video.planes import (
    BRIGHTEST,
    DARKEST,
    Box,
    Planes,
    Size,
    components,
    halved,
    mask,
)
from services.generator.generators.video.themes import luma, rgb_of

CONTRAST: Final = 6.0
"""Between words and ground, at nearly its worst place (WCAG 2.1, 1.4.3 asks for 4.5)."""
_LEAST, _MOST = 0.28, 0.86
_REDUCTION: Final = 2
_WORST: Final = 0.98
_EVEN: Final = 0.3
"""Spread of lumas up to which a ground is left as it is if words are legible on it."""


@dataclass(frozen=True, slots=True)
class Veil:
    """One colour and how much of it there is at each place."""

    color: tuple[int, int, int]
    alpha: Image.Image
    half_alpha: Image.Image

    def laid(self, frame: Planes) -> None:
        """Draw it on `frame`."""
        frame.luma.paste(self.color[0], None, self.alpha)
        frame.blue.paste(self.color[1], None, self.half_alpha)
        frame.red.paste(self.color[2], None, self.half_alpha)


def veiled(
    backdrop: Backdrop, words: Sequence[Overlay], color: str, random: np.random.Generator
) -> Veil | None:
    """The veil for these words on this background; None where none is needed."""
    if not words:
        return None
    frame = backdrop.move.frame
    box = bounds(words)
    strength = needed(backdrop, box, luma(color), [_brightness(word) for word in words])
    if strength == 0:
        return None
    noise = random.random((frame[1], frame[0]), dtype=np.float32) - np.float32(0.5)
    alpha = _falloff(box, frame, strength) * np.float32(255 * strength)
    y, blue, red = (round(float(part)) for part in components(rgb_of(color)))
    return Veil((y, blue, red), mask(alpha + noise), mask(halved(alpha)))


def brightness(backdrop: Backdrop, words: Sequence[Overlay]) -> float:
    """The mean luma (0-1) of what is behind these words."""
    grounds = [ground_behind(backdrop, bounds(words), share) for share in (0, 1)]
    return float(np.mean(grounds))


def bounds(words: Sequence[Overlay]) -> Box:
    """The box around all of them."""
    return (
        min(word.x for word in words),
        min(word.y for word in words),
        max(word.x + word.alpha.width for word in words),
        max(word.y + word.alpha.height for word in words),
    )


def needed(backdrop: Backdrop, box: Box, veil: float, texts: Sequence[float]) -> float:
    """How strong the veil has to be for words of lumas `texts` (0-1) within `box`, all the time."""
    grounds = np.stack([ground_behind(backdrop, box, share) for share in (0, 0.5, 1)])
    lighter = texts[0] > veil
    text = min(texts) if lighter else max(texts)
    worst = float(np.quantile(grounds, _WORST if lighter else 1 - _WORST))
    if np.ptp(grounds) < _EVEN and _contrast(text, worst) >= CONTRAST:
        return 0
    for strength in np.arange(_LEAST, _MOST, 0.02):
        if _contrast(text, worst + (veil - worst) * float(strength)) >= CONTRAST:
            return float(strength)
    return _MOST


def ground_behind(backdrop: Backdrop, box: Box, share: float) -> Floats:
    """Lumas (0-1) behind the words, seen from farther away: (height, width)."""
    size = (backdrop.move.frame[0] // _REDUCTION, backdrop.move.frame[1] // _REDUCTION)
    left, top, right, bottom = (round(edge / _REDUCTION) for edge in box)
    small = backdrop.picture.luma.resize(size, Image.Resampling.BOX, backdrop.move.at(share))
    part = np.asarray(small, dtype=np.float32)[max(top, 0) : bottom, max(left, 0) : right]
    return (part - np.float32(DARKEST)) / np.float32(BRIGHTEST - DARKEST)


def _brightness(word: Overlay) -> float:
    """The luma (0-1) that most of the word has."""
    inked = np.asarray(word.color.luma)[np.asarray(word.alpha) > 200]
    level = float(np.median(inked)) if inked.size else BRIGHTEST
    return (level - DARKEST) / (BRIGHTEST - DARKEST)


def _contrast(one: float, other: float) -> float:
    """Of two greys, by WCAG 2.1; each as luma, 0-1."""
    darker, lighter = sorted(max(luma, 0) ** 2.2 for luma in (one, other))
    return float((lighter + 0.05) / (darker + 0.05))


def _falloff(box: Box, frame: Size, strength: float) -> Floats:
    """1 under the words, fading to 0, the slower the stronger it is.

    What stands at a side is veiled up to that side.
    """
    width, height = frame
    reach = (0.27 * min(width, height) + 0.11 * width) * (0.9 + 0.6 * strength)
    left, top, right, bottom = box
    centre = (left + right) / 2 / width
    if centre < 0.44:
        left = -reach
    if centre > 0.56:
        right = width + reach
    if (top + bottom) / 2 > 0.6 * height:
        left, right, bottom = -reach, width + reach, height + reach
    across = _outside(np.arange(width, dtype=np.float32), left, right)[None, :]
    down = _outside(np.arange(height, dtype=np.float32), top, bottom)[:, None]
    distance = np.clip(np.hypot(across, down) / np.float32(reach), 0, 1)
    smooth = distance * distance * (3 - 2 * distance)
    return np.asarray(1 - smooth, dtype=np.float32)


def _outside(place: Floats, low: float, high: float) -> Floats:
    beyond = np.maximum(np.float32(low) - place, place - np.float32(high))
    return np.asarray(np.maximum(beyond, 0), dtype=np.float32)
