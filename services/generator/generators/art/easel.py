"""Where a picture is painted, grained and encoded, stage by stage, each one timed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
from PIL import Image

from services.generator.generators.art.inputs import ArtInput, PaletteName, Style
from services.generator.generators.art.palettes import PALETTES, Palette
from services.generator.generators.art.styles import (
    attractor,
    blocks,
    bubbles,
    contours,
    dunes,
    flow,
    glass,
    halftone,
    labyrinth,
    mesh,
    papercut,
    ridges,
    tiles,
    warp,
)
from services.generator.generators.pixels import Floats, generator_for, grain, write

Painter = Callable[[Palette, int, int, float, int], Floats]

_PAINTERS: Final[dict[Style, Painter]] = {
    "attractor": attractor.paint,
    "blocks": blocks.paint,
    "bubbles": bubbles.paint,
    "contours": contours.paint,
    "dunes": dunes.paint,
    "flow": flow.paint,
    "glass": glass.paint,
    "halftone": halftone.paint,
    "labyrinth": labyrinth.paint,
    "mesh": mesh.paint,
    "papercut": papercut.paint,
    "ridges": ridges.paint,
    "tiles": tiles.paint,
    "warp": warp.paint,
}
_GRAIN: Final[dict[str, float]] = {"mesh": 1.6, "warp": 1.4, "dunes": 1.4}
_USUAL_GRAIN: Final = 1.2


def painted(
    style: Style, palette: PaletteName, size: tuple[int, int], detail: float, seed: int
) -> Floats:
    """A picture of `size` (width, height) as sRGB (height, width, 3) in 0-255, without grain."""
    return _PAINTERS[style](PALETTES[palette], *size, detail, seed)


class Easel:
    """One picture in the making. `stages` has the seconds that each stage took."""

    def __init__(self, input: ArtInput, seed: int) -> None:
        self._input, self._seed = input, seed
        self._picture: Floats = np.zeros((0, 0, 3), dtype=np.float32)
        self.stages: dict[str, float] = {}

    def paint(self) -> None:
        asked = self._input
        with self._timed("paint"):
            self._picture = painted(
                asked.style, asked.palette, (asked.width, asked.height), asked.detail, self._seed
            )

    def add_grain(self) -> None:
        with self._timed("grain"):
            height, width = self._picture.shape[:2]
            strength = _GRAIN.get(self._input.style, _USUAL_GRAIN)
            self._picture += grain(height, width, generator_for(self._seed, 2), strength)

    def encode(self, path: Path) -> Image.Image:
        """Answers what is in the file."""
        with self._timed("encode"):
            return write(path, self._picture, self._input.format)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self.stages[stage] = round(perf_counter() - started, 4)
