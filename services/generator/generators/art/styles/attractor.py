"""Attractor: where a point goes that is thrown about by four numbers, a few million times.

After Peter de Jong and Clifford Pickover: x' = sin(a y) + c cos(a x), y' = sin(b x) + d cos(b y).
The picture is how often each pixel was met, on a logarithmic scale, coloured by the speed there.
"""

import math

import numpy as np

from services.generator.generators.art.frame import Frame
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp, resized, srgb

_ORBITS = 16_384
_CANDIDATES = 40
_SETTLING = 24
Numbers = tuple[np.float32, np.float32, np.float32, np.float32]


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 30)
    frame = Frame(width, height)
    numbers = _interesting(random)
    x, y = (random.uniform(-1, 1, _ORBITS).astype(np.float32) for _ in range(2))
    for _ in range(_SETTLING):
        x, y = _moved(x, y, numbers)
    lying = _lies(x, y) == (frame.columns >= frame.rows)
    shown = frame if lying else Frame(frame.rows, frame.columns)
    met, speed = _met(shown, (x, y), numbers, _rounds(frame, detail))
    return _lit(palette, frame, *((met, speed) if lying else (met.T, speed.T)))


def _rounds(frame: Frame, detail: float) -> int:
    """How often all points move: more for more pixels, which would be sandy otherwise."""
    more = math.pow(max(0.1, frame.columns * frame.rows / 1_440_000), 0.8)
    return round((420 + 760 * detail) * more)


def _lies(x: Floats, y: Floats) -> bool:
    """Whether the cloud is wider than it is tall."""
    return bool(np.ptp(x) >= np.ptp(y))


def _moved(x: Floats, y: Floats, numbers: Numbers) -> tuple[Floats, Floats]:
    a, b, c, d = numbers
    return np.sin(a * y) + c * np.cos(a * x), np.sin(b * x) + d * np.cos(b * y)


def _interesting(random: np.random.Generator) -> Numbers:
    """Of a few candidates, the one that spreads out best without being a mere cloud."""
    best, score = None, -1.0
    for _ in range(_CANDIDATES):
        signs = random.choice((-1, 1), 4)
        size = random.uniform((1.2, 1.2, 0.3, 0.3), (2.2, 2.2, 1.4, 1.4))
        a, b, c, d = (signs * size).astype(np.float32)
        x, y = (random.uniform(-1, 1, 2048).astype(np.float32) for _ in range(2))
        for _ in range(40):
            x, y = _moved(x, y, (a, b, c, d))
        count, _, _ = np.histogram2d(x, y, bins=48)
        filled = np.count_nonzero(count) / count.size
        uneven = float(count.std() / count.mean())
        found = min(filled, 0.5) * min(uneven, 3.0)
        if found > score:
            best, score = (a, b, c, d), found
    assert best is not None
    return best


def _met(
    frame: Frame, start: tuple[Floats, Floats], numbers: Numbers, rounds: int
) -> tuple[Floats, Floats]:
    """How often each pixel was met, and how fast points moved there on average."""
    x, y = start
    scale, left, top = _fit(frame, x, y)
    cells = frame.rows * frame.columns
    met, speed = np.zeros(cells, dtype=np.float32), np.zeros(cells, dtype=np.float32)
    for _ in range(rounds):
        px, py = x, y
        x, y = _moved(x, y, numbers)
        column = ((x - left) * scale[0]).astype(np.int32)
        row = ((y - top) * scale[1]).astype(np.int32)
        np.clip(column, 0, frame.columns - 1, out=column)
        np.clip(row, 0, frame.rows - 1, out=row)
        index = row * frame.columns + column
        np.add.at(met, index, np.float32(1))
        np.add.at(speed, index, np.hypot(x - px, y - py))
    shape = (frame.rows, frame.columns)
    met, speed = _softened(met.reshape(shape)), _softened(speed.reshape(shape))
    return met, np.asarray(speed / np.maximum(met, 1e-3), dtype=np.float32)


def _softened(counts: Floats) -> Floats:
    """Each pixel shared with its neighbours a little: no stairs along sharp folds."""
    for axis in (0, 1):
        counts = 0.6 * counts + 0.2 * (np.roll(counts, 1, axis) + np.roll(counts, -1, axis))
    return counts


def _fit(
    frame: Frame, x: Floats, y: Floats
) -> tuple[tuple[np.float32, np.float32], np.float32, np.float32]:
    """Pixels a step in x and y, and where the picture's corner is: the cloud fills the frame."""
    low, high = (np.array([f(x), f(y)]) for f in (np.min, np.max))
    size = np.maximum(high - low, 1e-3)
    room = np.array([frame.columns, frame.rows]) * 0.86
    scale = room / size
    scale = np.minimum(scale, scale.min() * 1.5)
    corner = (low + high) / 2 - np.array([frame.columns, frame.rows]) / scale / 2
    return (
        (np.float32(scale[0]), np.float32(scale[1])),
        np.float32(corner[0]),
        np.float32(corner[1]),
    )


def _lit(palette: Palette, frame: Frame, met: Floats, speed: Floats) -> Floats:
    density = np.log1p(met * np.float32(frame.columns * frame.rows / 1_440_000))
    density /= np.float32(np.quantile(density[density > 0], 0.992) if (density > 0).any() else 1)
    tone = np.clip(density, 0, 1) ** np.float32(0.75)
    glow = resized(_shrunk(tone), frame.rows, frame.columns)
    pace = np.clip(speed / np.float32(max(float(np.quantile(speed[met > 0], 0.97)), 1e-3)), 0, 1)
    colors = ramp(palette.ramp)
    place = np.clip(
        tone * np.float32(0.55) + pace * tone ** np.float32(0.3) * np.float32(0.45), 0, 1
    )
    lab = colors[(place * (len(colors) - 1)).astype(np.int32)]
    ground = oklab(palette.ramp[0]) * np.float32(0.8)
    light = np.clip(tone * np.float32(1.6), 0, 1)[..., None]
    lab = ground + (lab - ground) * light
    lab += (colors[480] - ground) * np.clip(glow, 0, 1)[..., None] * np.float32(0.30)
    return srgb(lab)


def _shrunk(tone: Floats) -> Floats:
    """A blurred copy, small: the glow around what is bright."""
    rows, columns = (max(2, side // 24) for side in tone.shape)
    return resized(resized(tone, rows, columns), max(2, rows // 2), max(2, columns // 2))
