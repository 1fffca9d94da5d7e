"""The operation `waveform`: a sound drawn, as bars, as a wave, or as a line."""

from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.generator.generators.rendition import drawing
from services.generator.generators.rendition.drawing import Shape
from services.generator.generators.rendition.inputs import RenditionInput
from services.generator.generators.rendition.rules import DEFAULT_FORMATS
from services.generator.generators.rendition.sounds import opened, pieces
from services.generator.generators.rendition.sources import Source
from services.generator.generators.sound.signal import Sound
from services.generator.generators.sound.waveform import peaks
from shared.generators import AssetFile, GeneratorContext

Swings = NDArray[np.float32]

_RATE: Final = 8000
_WINDOW: Final = 16
_WIDTH, _HEIGHT = 1200, 240
_COLOR: Final = "#5b5bd6"
_BAR, _GAP = 0.026, 0.016
"""Of the height; bars get no thinner than two pixels."""
_EVERY: Final = 500


async def waveform(
    asked: RenditionInput, source: Source, context: GeneratorContext
) -> list[AssetFile]:
    """One picture. The loudest moment reaches from edge to edge, however quiet it is."""
    begun = perf_counter()
    swings = await _swings(asked, source, context)
    heard = perf_counter()
    width, height = asked.width or _WIDTH, asked.height or _HEIGHT
    kind = asked.format or DEFAULT_FORMATS["waveform"]
    path = context.scratch / f"waveform.{kind}"
    shapes = _drawn(asked.style, swings, width, height)
    how = ((width, height), shapes, asked.color or _COLOR, asked.background)
    picture = drawing.raster(*how, finest=1 if kind == "svg" else drawing.FINEST)
    if kind == "svg":
        path.write_text(drawing.svg(*how))
    else:
        drawing.save(picture, path)
    stages = {
        "decoding": round(heard - begun, 4),
        "drawing": round(perf_counter() - heard, 4),
    }
    provenance = {"source": source.file.sha256, "stages": stages}
    return [AssetFile(path, filename=path.name, provenance=provenance, picture=picture)]


async def _swings(asked: RenditionInput, source: Source, context: GeneratorContext) -> Swings:
    """(windows of two milliseconds, 2): the lowest and the highest of each, all channels as one."""
    found: list[Swings] = []
    rest = np.zeros(0, np.float32)
    expected = (asked.end or source.measures.duration or 0) - asked.start
    seconds = 0.0
    with opened(source) as file:
        parts = pieces(file, rate=_RATE, channels=1, start=asked.start, end=asked.end)
        for number, piece in enumerate(parts):
            samples = np.concatenate((rest, piece[0]))
            whole = len(samples) // _WINDOW * _WINDOW
            rest = samples[whole:]
            found.append(_of_windows(samples[:whole]))
            seconds += piece.shape[1] / _RATE
            if number % _EVERY == 0 and expected > 0:
                await context.progress(min(90, 90 * seconds / expected), "Listening")
    if len(rest):
        found.append(np.array([[rest.min(), rest.max()]], np.float32))
    return np.concatenate(found) if found else np.zeros((1, 2), np.float32)


def _of_windows(samples: Swings) -> Swings:
    windows = samples.reshape(-1, _WINDOW)
    return np.stack((windows.min(axis=1), windows.max(axis=1)), axis=1)


def _drawn(style: str, swings: Swings, width: int, height: int) -> list[Shape]:
    bar, gap = max(2, round(height * _BAR)), max(1, round(height * _GAP))
    each = {"bars": bar + gap, "wave": 2, "line": max(4, round(height / 50))}[style]
    columns = max(2, (width + gap) // each)
    found = peaks(Sound(swings, _RATE // _WINDOW), columns)
    loudest = float(np.abs(found).max())
    found = found / loudest if loudest > 1e-4 else found * 0
    if style == "bars":
        return _bars(found, (width, height), bar, gap)
    places = np.linspace(0, width, columns)
    middle, reach = height / 2, height * 0.47
    if style == "line":
        there_and_back = _pairs(np.repeat(places, 2), middle - found.ravel() * reach)
        return [drawing.Line(there_and_back, max(1.5, height / 140))]
    least = 0.75 / reach
    upper = middle - np.maximum(found[:, 1], least) * reach
    lower = middle - np.minimum(found[:, 0], -least) * reach
    return [drawing.Area(_pairs(places, upper) + _pairs(places, lower)[::-1])]


def _bars(found: Swings, size: tuple[int, int], bar: int, gap: int) -> list[Shape]:
    """As high on both sides as the sound swings to its stronger one; silence is a dot."""
    width, height = size
    left = (width - len(found) * (bar + gap) + gap) / 2
    lengths = np.abs(found).max(axis=1) ** 0.85 * height * 0.94
    return [
        drawing.Bar(left + number * (bar + gap), (height - length) / 2, bar, length, bar / 2)
        for number, length in enumerate(np.maximum(lengths, bar).tolist())
    ]


def _pairs(across: Any, down: Any) -> list[tuple[float, float]]:
    return list(zip(across.tolist(), down.tolist(), strict=True))
