"""What lies behind the words of a scene: art, a picture, colours; each larger than the frame."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.generator.generators.art.easel import painted
from services.generator.generators.art.inputs import Style
from services.generator.generators.pixels import Floats, generator_for, ramp, resized, srgb
from services.generator.generators.video import pictures
from services.generator.generators.video.camera import ROOM, Move, automatic, move
from services.generator.generators.video.inputs import Background, Scene
from services.generator.generators.video.planes import Planes, Size, from_rgb
from services.generator.generators.video.themes import Theme, rgb_of
from shared.generators import GeneratorContext

STYLES: Final[tuple[Style, ...]] = ("warp", "dunes", "papercut", "mesh")
"""Of the scenes that do not say which, one after the other."""
_LIGHT: Final = 0.05
_APART: Final = 7919


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A picture and the move over it."""

    picture: Planes
    move: Move

    def at(self, share: float) -> Planes:
        return self.picture.view(self.move.at(share), self.move.frame)


class Backdrops:
    """Paints the backgrounds of one video, each when its scene begins."""

    def __init__(self, theme: Theme, frame: Size, seed: int, context: GeneratorContext) -> None:
        self._theme, self._frame, self._seed, self._context = theme, frame, seed, context

    def paint(self, scene: Scene, number: int, seconds: float) -> Backdrop:
        """The background of the scene at `number` (from 0), seen for `seconds`.

        Raises `InvalidInputError` for a picture that cannot be used.
        """
        rgb = self._painted(scene.background, number)
        picture = from_rgb(rgb, generator_for(self._seed, 3, number))
        chosen = automatic(number, picture.size, self._frame)
        kind = chosen if scene.motion == "auto" else scene.motion
        return Backdrop(picture, move(kind, picture.size, self._frame, seconds))

    def _painted(self, asked: Background, number: int) -> Floats:
        if asked.kind == "color":
            return colored(asked.colors or self._theme.ground, self._canvas, self._seed + number)
        if asked.kind == "art":
            style = asked.style or STYLES[number % len(STYLES)]
            palette = asked.palette or self._theme.palette
            seed = (self._seed + _APART * number) % 2**32 if asked.seed is None else asked.seed
            return painted(style, palette, self._canvas, asked.detail, seed)
        assert asked.asset is not None  # the input says so
        file = self._context.input_file(asked.asset)
        name = f"scenes.{number}.background.asset"
        picture = pictures.opened(file.path, name, self._theme.ink.veil, self._frame)
        if asked.fit == "contain":
            return pictures.contained(picture, self._frame, self._theme.ink.veil)
        return pictures.covering(picture, self._frame)

    @property
    def _canvas(self) -> Size:
        return 2 * round(self._frame[0] * ROOM / 2), 2 * round(self._frame[1] * ROOM / 2)


def colored(colors: tuple[str, ...], size: Size, seed: int) -> Floats:
    """One colour, flat; or several, as a gradient from the top left with a soft light in it."""
    width, height = size
    if len(colors) == 1:
        return np.broadcast_to(rgb_of(colors[0]), (height, width, 3)).copy()
    y, x = np.meshgrid(_centres(height // 4), _centres(width // 4), indexing="ij")
    random = generator_for(seed, 4)
    lean, bend, left, top = (float(value) for value in random.uniform(0, 1, 4))
    tilt = 0.35 + 0.3 * lean
    way = x * np.float32(1 - tilt) + y * np.float32(tilt)
    way += np.sin((x - y) * np.float32(2 + 2 * bend)) * np.float32(0.06)
    slope = ramp(colors)
    lab = slope[(np.clip(way, 0, 1) * (len(slope) - 1)).astype(np.int32)]
    distance = (x - np.float32(0.25 + 0.5 * left)) ** 2 + (y - np.float32(0.2 + 0.6 * top)) ** 2
    lab[..., 0] += np.exp(-5 * distance) * np.float32(_LIGHT)
    return resized(srgb(lab), height, width)


def _centres(count: int) -> Floats:
    return ((np.arange(count) + 0.5) / count).astype(np.float32)
