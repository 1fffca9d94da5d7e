"""All parts of a piece, from its mood, its form and a seed."""

from collections.abc import Iterator
from random import Random
from typing import Final

from services.generator.generators.music.accompaniment import accompany, hold
from services.generator.generators.music.bass import bass_line
from services.generator.generators.music.chance import chance_of
from services.generator.generators.music.drums import beat, last_stroke
from services.generator.generators.music.form import Form
from services.generator.generators.music.harmony import harmonise
from services.generator.generators.music.melody import guide, last_tone, tune
from services.generator.generators.music.score import BAR, Chord, Harmony, Layer, Mood, Note, Part
from services.generator.generators.music.theory import near, voiced

_RELEASE: Final = 0.45
"""Share of the last chord's time that is left for it to die away."""


def write(mood: Mood, form: Form, seed: str) -> tuple[Part, ...]:
    """Each part has its own chance, so that what one plays does not hang on another."""
    harmony = harmonise(mood, form, chance_of(seed, "harmony"))
    parts = []
    for number, layer in enumerate(mood.layers):
        chance = chance_of(seed, number, layer.role)
        notes = [*_notes(layer, mood, form, harmony, chance)]
        if not form.loop and notes:
            notes += _last(layer, form, harmony.home, notes)
        parts.append(Part(layer, tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))))
    return tuple(parts)


def _notes(
    layer: Layer, mood: Mood, form: Form, harmony: Harmony, chance: Random
) -> Iterator[Note]:
    match layer.role:
        case "pad":
            yield from hold(layer, form, harmony.chords)
        case "chords":
            yield from accompany(layer, form, harmony.chords, chance)
        case "bass":
            yield from bass_line(layer, form, harmony, chance)
        case "melody":
            yield from tune(layer, form, harmony.chords, mood.rhythms, chance)
        case "counter":
            yield from guide(layer, form, harmony.chords)
        case "drums":
            yield from beat(layer, form, chance)


def _last(layer: Layer, form: Form, home: Chord, notes: list[Note]) -> Iterator[Note]:
    """The last chord, which everybody who played at the end holds."""
    at = form.bars * BAR
    length = form.beats(form.ring * (1 - _RELEASE))
    if max(note.start for note in notes) < at - 2 * BAR:
        return
    if layer.role == "drums":
        yield from last_stroke(layer, at)
    elif layer.role == "bass":
        yield Note(at, length, near(home.root, layer.center), 74)
    elif layer.role in {"melody", "counter"}:
        yield Note(at, length, last_tone(notes, home, layer.center), 72)
    else:
        spread, velocity = (0.0, 74) if layer.role == "pad" else (0.12, 60)
        for order, pitch in enumerate(voiced(home.tones, layer.center)):
            yield Note(at + order * spread, length, pitch, velocity)
