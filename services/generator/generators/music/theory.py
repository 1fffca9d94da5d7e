"""Scales, chords, and the nearest way from one chord to the next."""

from collections.abc import Iterator
from itertools import pairwise, product
from typing import Final

from services.generator.generators.music.score import Chord

SCALES: Final = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}


def chord(symbol: str, key: int, scale: str, *, seventh: bool = False) -> Chord:
    """The chord of a symbol: a degree 1 to 7, then perhaps 7, 9, a (added ninth), s (suspended
    fourth) or M (a major triad, whatever the scale has: the dominant of a minor key).
    """
    steps = SCALES[scale]
    degree, kind = int(symbol[0]) - 1, symbol[1:]
    pitches = [key + steps[(degree + step) % 7] for step in range(7)]
    chosen = {"7": (0, 2, 4, 6), "9": (0, 2, 4, 6, 1), "a": (0, 2, 4, 1), "s": (0, 3, 4)}
    tones = [pitches[step] % 12 for step in chosen.get(kind, (0, 2, 4))]
    around = [pitch % 12 for pitch in pitches]
    if kind == "M":
        third, raised = tones[1], (tones[0] + 4) % 12
        tones[1] = raised
        around = [raised if pitch == third else pitch for pitch in around]
    if seventh and kind == "":
        tones.append(pitches[6] % 12)
    return Chord(tones[0], tuple(tones), tuple(sorted(around)))


def near(pitch_class: int, pitch: float) -> int:
    """The pitch of a class that is nearest to a pitch."""
    return round((pitch - pitch_class) / 12) * 12 + pitch_class


def nearest_of(classes: tuple[int, ...], pitch: float) -> int:
    """The pitch of any of the classes that is nearest."""
    return min((near(each, pitch) for each in classes), key=lambda found: abs(found - pitch))


def step(scale: tuple[int, ...], pitch: int, steps: int) -> int:
    """So many steps of the scale up (or down) from a pitch of it."""
    ladder = [*_ladder(scale)]
    at = min(range(len(ladder)), key=lambda n: abs(ladder[n] - pitch))
    return ladder[max(0, min(len(ladder) - 1, at + steps))]


def voiced(tones: tuple[int, ...], center: float, before: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The chord's tones close together around `center`, moving as little as they can."""
    options = (
        tuple(sorted(pitches))
        for pitches in product(*((near(t, center), near(t, center + 6)) for t in tones[:4]))
        if len(set(pitches)) == len(pitches) and max(pitches) - min(pitches) <= 16
    )
    return min(options, key=lambda pitches: _effort(pitches, center, before))


def _effort(pitches: tuple[int, ...], center: float, before: tuple[int, ...]) -> float:
    away = abs(sum(pitches) / len(pitches) - center)
    rough = sum(8.0 for low, high in pairwise(pitches) if high - low == 1)
    moved = sum(min((abs(p - b) for b in before), default=0) for p in pitches)
    return moved + 0.6 * away + rough


def _ladder(scale: tuple[int, ...]) -> Iterator[int]:
    for octave in range(2, 9):
        yield from (12 * octave + pitch for pitch in scale)
