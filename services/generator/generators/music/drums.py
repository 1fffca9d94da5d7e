"""The kit: a grid of sixteenths for each style, fills at the ends of phrases."""

from collections.abc import Iterator
from random import Random
from typing import Final

from services.generator.generators.music.form import Form, Section
from services.generator.generators.music.score import BAR, Layer, Note

KICK, STICK, SNARE, CLAP = 36, 37, 38, 39
HAT, OPEN, RIDE, CRASH = 42, 46, 51, 49
TOMS: Final = (50, 48, 45, 43)
SHAKER, TAMBOURINE, TIMPANI_LOW = 82, 54, 41
_LOUDNESS: Final = {"X": 112, "x": 92, "o": 70, "-": 48}

GRIDS: Final[dict[str, dict[int, str]]] = {
    "pop": {
        KICK: "X.......X.x.....",
        SNARE: "....X.......X...",
        HAT: "x.-.x.-.x.-.x.-.",
        TAMBOURINE: "....o.......o...",
    },
    "light": {
        KICK: "x.......x.......",
        CLAP: "....o.......o...",
        HAT: "o.-.o.-.o.-.o.-.",
        SHAKER: "-.-.-.-.-.-.-.-.",
    },
    "boombap": {
        KICK: "X......o..X.....",
        SNARE: "....x.......x..-",
        HAT: "o.-.o.-.o.-.o.--",
    },
    "cinematic": {
        41: "X.......x.....o.",
        43: "X...........o.o.",
        KICK: "X...............",
    },
    "epic": {
        KICK: "X.....X.X.....X.",
        41: "X..x..x.X..x..x.",
        43: "X...x...X...x.xx",
        SNARE: "....X.......X.-x",
    },
    "heartbeat": {
        KICK: "X.o.............",
        41: "X.o.......-.....",
        STICK: "......-.......-.",
    },
    "shuffle": {
        KICK: "x.......x.......",
        STICK: "....x.......x...",
        HAT: "o...o.-.o...o.-.",
        TAMBOURINE: "..-...-...-...-.",
    },
    "swing": {
        RIDE: "x...x.o.x...x.o.",
        44: "....o.......o...",
        KICK: "-.......-.......",
        SNARE: "..........-.....",
    },
    "brushes": {
        KICK: "o.......o.......",
        SNARE: "-.-.o.-.-.-.o.--",
        SHAKER: "-.-.-.-.-.-.-.-.",
    },
    "fourfloor": {
        KICK: "X...X...X...X...",
        CLAP: "....x.......x...",
        OPEN: "..o...o...o...o.",
        HAT: "-.-.-.-.-.-.-.--",
    },
}
_WITHOUT_FILLS: Final = {"heartbeat", "swing", "brushes", "light"}
_WITHOUT_CRASH: Final = {"heartbeat", "swing", "brushes", "light", "boombap"}


def beat(layer: Layer, form: Form, chance: Random) -> Iterator[Note]:
    """The style in every section in which it plays; less of it where that is quiet."""
    for section in form.sections:
        if section.intensity >= layer.enters:
            yield from _section(layer.style, section, chance, loop=form.loop)


def _section(style: str, section: Section, chance: Random, *, loop: bool) -> Iterator[Note]:
    gain = 0.8 + 0.2 * section.intensity
    if section.opens and not loop and style not in _WITHOUT_CRASH:
        yield Note(section.first * BAR, 2, CRASH, round(88 * gain))
    for bar in range(section.first, section.last):
        fills = bar == section.last - 1 and section.bars > 1 and style not in _WITHOUT_FILLS
        until = 12 if fills else 16
        for pitch, grid in GRIDS[style].items():
            yield from _row(pitch, grid[:until], bar, gain, chance)
        if fills:
            yield from _fill(bar, gain, chance)


def _row(pitch: int, grid: str, bar: int, gain: float, chance: Random) -> Iterator[Note]:
    for sixteenth, sign in enumerate(grid):
        if sign == "-" and chance.random() < 0.15:
            continue
        if sign in _LOUDNESS:
            velocity = _LOUDNESS[sign] * gain
            yield Note(bar * BAR + sixteenth / 4, 0.2, pitch, round(velocity))


def _fill(bar: int, gain: float, chance: Random) -> Iterator[Note]:
    """The last beat of a phrase, down the toms."""
    pieces = sorted(chance.choices((SNARE, *TOMS), k=4), key=(SNARE, *TOMS).index)
    for sixteenth, pitch in enumerate(pieces):
        if sixteenth in {0, 2} or chance.random() < 0.7:
            yield Note(
                bar * BAR + 3 + sixteenth / 4, 0.2, pitch, round((78 + 8 * sixteenth) * gain)
            )


def last_stroke(layer: Layer, at: float) -> Iterator[Note]:
    """With the last chord."""
    yield Note(at, 1, KICK, 96)
    if layer.style not in _WITHOUT_CRASH:
        yield Note(at, 2, CRASH, 78)
