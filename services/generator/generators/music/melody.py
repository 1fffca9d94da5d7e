"""The tune: two motifs a theme, carried over the chords, and a line of long notes beside it."""

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from services.generator.generators.music.form import Form, Section
from services.generator.generators.music.score import BAR, Chord, Layer, Note
from services.generator.generators.music.theory import near, nearest_of, step

_STEPS: Final = (-1, 1, -1, 1, -2, 2, 0, 3, -3)
_PHRASES: Final = ("aab", "aba", "abb")
_RANGE: Final = 9


class _Motif(NamedTuple):
    rhythm: tuple[tuple[float, float], ...]
    """Start and length of each note in a bar, in beats."""
    contour: tuple[int, ...]
    """Steps of the scale from one note to the next."""


def tune(
    layer: Layer, form: Form, chords: tuple[Chord, ...], rhythms: tuple[str, ...], chance: Random
) -> Iterator[Note]:
    """Each phrase says the motifs of its theme in an order of its own and comes to rest."""
    themes = {name: [_motif(rhythms, chance) for _ in "ab"] for name in "ABC"}
    orders = {name: chance.choice(_PHRASES) for name in "ABC"}
    pitch = layer.center
    for section in form.sections:
        if section.intensity < layer.enters:
            continue
        lift = 3 if section.theme == "C" else 0
        for bar in range(section.bars):
            at, harmony = section.first + bar, chords[section.first + bar]
            if bar == section.bars - 1:
                notes = _rest(at, harmony, pitch, section, chance)
            else:
                motif = themes[section.theme]["ab".index(orders[section.theme][bar % 3])]
                notes = _sung(motif, at, harmony, (pitch + layer.center + lift) / 2, section)
            for note in notes:
                pitch = _folded(note.pitch, layer.center + lift)
                yield Note(note.start, note.length, pitch, note.velocity)


def _motif(rhythms: tuple[str, ...], chance: Random) -> _Motif:
    rhythm = tuple(_read(chance.choice(rhythms)))
    contour = [0]
    for _ in rhythm[1:]:
        towards = -1 if sum(contour) > 2 else 1 if sum(contour) < -2 else 0
        options = [move for move in _STEPS if move * towards >= 0]
        contour.append(chance.choice(options))
    return _Motif(rhythm, tuple(contour))


def _read(rhythm: str) -> Iterator[tuple[float, float]]:
    for at, sign in enumerate(rhythm):
        if sign == "x":
            held = len(rhythm[at + 1 :]) - len(rhythm[at + 1 :].lstrip("-"))
            yield at / 2, (1 + held) / 2


def _sung(
    motif: _Motif, bar: int, harmony: Chord, start: float, section: Section
) -> Iterator[Note]:
    """The motif over a chord: tones of it on the beats, the scale in between."""
    triad = harmony.tones[:3]
    pitch = nearest_of(triad, start)
    for (beat, length), move in zip(motif.rhythm, motif.contour, strict=True):
        before, pitch = pitch, step(harmony.scale, pitch, move)
        if beat % 2 == 0 or length >= 1:
            pitch = nearest_of(triad, pitch)
            if pitch == before and move:
                pitch = nearest_of(triad, before + (4 if move > 0 else -4))
        accent = 8 if beat % 2 == 0 else 0
        velocity = round(74 + 18 * section.intensity) + accent
        yield Note(bar * BAR + beat, length * 0.95, pitch, velocity)


def _rest(bar: int, harmony: Chord, pitch: int, section: Section, chance: Random) -> Iterator[Note]:
    """The end of a phrase: one long tone of the chord, perhaps with one that leads to it."""
    goal = nearest_of(harmony.tones[:3], pitch)
    velocity = round(72 + 18 * section.intensity)
    if chance.random() < 0.6:
        passing = step(harmony.scale, goal, chance.choice((-1, 1)))
        yield Note(bar * BAR, 0.95, nearest_of(harmony.tones[:3], passing + 3), velocity)
        yield Note(bar * BAR + 1, 0.95, passing, velocity - 6)
        yield Note(bar * BAR + 2, 1.8, goal, velocity)
    else:
        yield Note(bar * BAR, 2.8, goal, velocity)


def _folded(pitch: int, center: int) -> int:
    while pitch > center + _RANGE:
        pitch -= 12
    while pitch < center - _RANGE:
        pitch += 12
    return pitch


def guide(layer: Layer, form: Form, chords: tuple[Chord, ...]) -> Iterator[Note]:
    """A second voice of thirds and sevenths, each held as long as the chord."""
    pitch = layer.center
    for section in form.sections:
        if section.intensity < layer.enters:
            continue
        velocity = round(64 + 20 * section.intensity)
        for bar in range(section.first, section.last):
            tones = chords[bar].tones
            pitch = nearest_of((tones[1], tones[-1]), (pitch * 2 + layer.center) / 3)
            yield Note(bar * BAR, BAR * 0.97, pitch, velocity)


def last_tone(notes: list[Note], home: Chord, center: int) -> int:
    """Where the tune ends: the nearest tone of the last chord, best its root."""
    before = notes[-1].pitch if notes else center
    root = near(home.root, before)
    return root if abs(root - before) <= 5 else nearest_of(home.tones[:3], before)
