"""Flow field: ribbons that follow a smooth field of directions and never cross.

After Tyler Hobbs, "Flow Fields" (2020). Wide ribbons are laid first; finer ones fill what is left.
"""

import numpy as np

from services.generator.generators.art.frame import Drawing, Frame, rgb
from services.generator.generators.art.palettes import Palette
from services.generator.generators.art.ribbons import Ribbon
from services.generator.generators.art.sheet import UNIT, Layer, Sheet
from services.generator.generators.pixels import Floats, generator_for, oklab


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 13)
    frame = Frame(width, height)
    drawing = Drawing(frame, oklab(palette.ground))
    across, down = frame.across * UNIT, frame.down * UNIT
    sheet = Sheet(across, down, margin=min(50.0, 0.08 * min(across, down)), random=random)
    for layer in _layers(detail):
        for ribbon in sheet.lay(layer):
            color = _color(palette, sheet, ribbon, random)
            ribbon.draw(drawing.pen, drawing.scale / UNIT, color)
    return drawing.picture()


def _layers(detail: float) -> tuple[Layer, ...]:
    size = 1.5 - detail
    count = 0.55 + 0.9 * detail
    return tuple(
        Layer(width * size, length, round(tries * count), gap)
        for width, length, tries, gap in (
            (44, 1100, 90, 7),
            (25, 900, 600, 5.5),
            (12, 620, 2600, 4.5),
            (5, 380, 7000, 3.5),
        )
    )


def _color(
    palette: Palette, sheet: Sheet, ribbon: Ribbon, random: np.random.Generator
) -> tuple[int, ...]:
    """Mostly its neighbourhood's colour, now and then any; never twice quite the same."""
    stray, chance, shade = random.random(3)
    spread = sheet.hue(ribbon.points[0]) * 0.23 + 0.5 + (stray - 0.5) * 0.16
    place = chance / 0.16 if chance < 0.16 else spread
    index = int(np.clip(place, 0, 0.999) * len(palette.ribbons))
    lab = oklab(palette.ribbons[index]) + np.array([(shade - 0.5) * 0.035, 0, 0], np.float32)
    return rgb(lab)
