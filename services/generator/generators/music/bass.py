"""The lowest part: roots, and how it gets from one to the next."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final, TypeAlias

from services.generator.generators.music.form import Form
from services.generator.generators.music.score import BAR, Chord, Harmony, Layer, Note
from services.generator.generators.music.theory import near, nearest_of

Line: TypeAlias = Iterator[tuple[float, float, int]]
"""Start in the bar, length (beats), pitch."""
Style: TypeAlias = Callable[[int, Chord, int, Random], Line]
"""(root, chord, next root, chance): one bar."""


def bass_line(layer: Layer, form: Form, harmony: Harmony, chance: Random) -> Iterator[Note]:
    """The layer's style over every bar in which it plays."""
    style = STYLES[layer.style]
    chords = harmony.chords
    for section in form.sections:
        if section.intensity < layer.enters:
            continue
        velocity = round(76 + 18 * section.intensity)
        for bar in range(section.first, section.last):
            after = chords[bar + 1] if bar + 1 < len(chords) else harmony.home
            root, goal = near(chords[bar].root, layer.center), near(after.root, layer.center)
            for beat, length, pitch in style(root, chords[bar], goal, chance):
                accent = 6 if beat == 0 else 0
                yield Note(bar * BAR + beat, length, pitch, min(velocity + accent, 120))


def _whole(root: int, _: Chord, __: int, ___: Random) -> Line:
    yield 0, BAR * 0.98, root


def _drone(root: int, _: Chord, __: int, chance: Random) -> Line:
    yield 0, BAR * 0.98, root
    if chance.random() < 0.3:
        yield 3.5, 0.4, root + 12


def _eighths(root: int, _: Chord, goal: int, __: Random) -> Line:
    for eighth in range(7):
        yield eighth / 2, 0.42, root
    yield 3.5, 0.42, root if goal == root else root + 12


def _syncopated(root: int, chord: Chord, _: int, chance: Random) -> Line:
    yield 0, 1.3, root
    yield 1.5, 0.4, root
    yield 2.5, 0.9, chance.choice((root, near(chord.tones[2], root + 4)))
    if chance.random() < 0.4:
        yield 3.5, 0.4, root + 12


def _twofeel(root: int, chord: Chord, _: int, __: Random) -> Line:
    yield 0, 0.9, root
    yield 2, 0.9, near(chord.tones[2], root - 3)


def _walking(root: int, chord: Chord, goal: int, chance: Random) -> Line:
    """A quarter a beat: the root, two tones of the chord, and one that leads to the next root."""
    towards = 1 if goal >= root else -1
    second = nearest_of(chord.tones[1:3], root + 4 * towards)
    third = nearest_of(chord.tones[1:], (second + goal) / 2 + 2 * towards)
    leading = goal + chance.choice((-1, 1, -2, 2))
    for beat, pitch in enumerate((root, second, third, leading)):
        yield beat, 0.92, pitch
    if chance.random() < 0.2:
        yield 1.5, 0.3, root


def _offbeats(root: int, _: Chord, __: int, ___: Random) -> Line:
    for beat in (0.5, 1.5, 2.5, 3.5):
        yield beat, 0.4, root
        yield beat + 0.25, 0.2, root + 12


STYLES: Final[dict[str, Style]] = {
    "whole": _whole,
    "drone": _drone,
    "eighths": _eighths,
    "syncopated": _syncopated,
    "twofeel": _twofeel,
    "walking": _walking,
    "offbeats": _offbeats,
}
