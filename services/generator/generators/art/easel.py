"""Where a picture is painted, grained and encoded, stage by stage, each one timed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from services.generator.generators.art import flow, mesh, warp
from services.generator.generators.art.inputs import ArtInput
from services.generator.generators.art.palettes import PALETTES
from services.generator.generators.pixels import Floats, generator_for, grain, write_png

_PAINTERS: Final = {"flow": flow.paint, "warp": warp.paint, "mesh": mesh.paint}
_GRAIN: Final = {"flow": 1.2, "warp": 1.4, "mesh": 1.6}


class Easel:
    """One picture in the making. `stages` has the seconds that each stage took."""

    def __init__(self, input: ArtInput, seed: int) -> None:
        self._input, self._seed = input, seed
        self._picture: Floats = np.zeros((0, 0, 3), dtype=np.float32)
        self.stages: dict[str, float] = {}

    def paint(self) -> None:
        asked = self._input
        with self._timed("paint"):
            self._picture = _PAINTERS[asked.style](
                PALETTES[asked.palette], asked.width, asked.height, asked.detail, self._seed
            )

    def add_grain(self) -> None:
        with self._timed("grain"):
            height, width = self._picture.shape[:2]
            strength = _GRAIN[self._input.style]
            self._picture += grain(height, width, generator_for(self._seed, 2), strength)

    def encode(self, path: Path) -> None:
        with self._timed("encode"):
            write_png(path, self._picture)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self.stages[stage] = round(perf_counter() - started, 4)
