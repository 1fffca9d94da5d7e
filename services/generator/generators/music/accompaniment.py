"""What is played under the tune: held chords, broken, strummed, repeated."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final, TypeAlias

from services.generator.generators.music.form import Form
from services.generator.generators.music.score import BAR, Chord, Layer, Note
from services.generator.generators.music.theory import near, voiced

Voicing: TypeAlias = tuple[int, ...]
Pattern: TypeAlias = Callable[[Voicing, Chord, int, Random], Iterator[Note]]
"""(pitches, chord, velocity, chance): one bar of notes, from beat 0."""

_COMPING: Final = ((0, 1.5), (0, 2.5), (0.5, 2), (1.5, 3), (0, 1.5, 3.5), (1, 2.5))
_STRUM: Final = (
    (0, 1.0, 1),
    (1, 0.8, 1),
    (1.5, 0.6, -1),
    (2.5, 0.7, -1),
    (3, 0.9, 1),
    (3.5, 0.6, -1),
)


def accompany(
    layer: Layer, form: Form, chords: tuple[Chord, ...], chance: Random
) -> Iterator[Note]:
    """The layer's pattern over every bar in which it plays."""
    pattern = PATTERNS[layer.style]
    before: Voicing = ()
    for section in form.sections:
        if section.intensity < layer.enters:
            continue
        velocity = round(68 + 20 * section.intensity)
        for bar in range(section.first, section.last):
            before = voiced(chords[bar].tones, layer.center, before)
            for note in pattern(before, chords[bar], velocity, chance):
                yield Note(bar * BAR + note.start, note.length, note.pitch, note.velocity)


def hold(layer: Layer, form: Form, chords: tuple[Chord, ...]) -> list[Note]:
    """Chords that last; a tone that two of them share is not struck again."""
    before: Voicing = ()
    held: dict[int, Note] = {}
    done: list[Note] = []
    for section in form.sections:
        if section.intensity < layer.enters:
            done, held = [*done, *held.values()], {}
            continue
        velocity = round(66 + 20 * section.intensity)
        for bar in range(section.first, section.last):
            before = voiced(chords[bar].tones[:4], layer.center, before)
            done += [note for pitch, note in held.items() if pitch not in before]
            held = {pitch: _prolonged(held.get(pitch), bar, pitch, velocity) for pitch in before}
    return [*done, *held.values()]


def _prolonged(note: Note | None, bar: int, pitch: int, velocity: int) -> Note:
    start = bar * BAR if note is None else note.start
    struck = velocity if note is None else note.velocity
    return Note(start, (bar + 1) * BAR - start, pitch, struck)


def _broken(pitches: Voicing, chord: Chord, velocity: int, _: Random) -> Iterator[Note]:
    """Up and down in eighths over a low root, each note ringing on."""
    low = near(chord.root, min(pitches) - 9)
    order = [low, *pitches[:3], pitches[-1], *reversed(pitches[:3])]
    for eighth, pitch in enumerate(order[:8]):
        softer = 0 if eighth in {0, 4} else 9
        yield Note(eighth / 2, BAR - eighth / 2 if eighth < 4 else 1.5, pitch, velocity - softer)


def _fingered(pitches: Voicing, chord: Chord, velocity: int, chance: Random) -> Iterator[Note]:
    """As on a guitar: the thumb between root and fifth, fingers above."""
    root = near(chord.root, min(pitches) - 10)
    fifth = near(chord.tones[2], root + 6)
    for beat, bass in ((0.0, root), (1, fifth), (2, root), (3, fifth)):
        yield Note(beat, 1.0, bass, velocity)
    high = pitches[-3:]
    for at, finger in ((0.0, 2), (0.5, 1), (1.5, 2), (2.5, 0), (3.5, 1)):
        if at == 0 or chance.random() < 0.9:
            yield Note(at, 0.9, high[finger], velocity - 8)


def _strum(pitches: Voicing, chord: Chord, velocity: int, _: Random) -> Iterator[Note]:
    strings = (*pitches, near(chord.root, pitches[-1] + 6))
    for beat, force, way in _STRUM:
        for order, pitch in enumerate(strings[::way]):
            yield Note(beat + order * 0.022, 0.55, pitch, round(velocity * force) - 2 * order)


def _block(pitches: Voicing, chord: Chord, velocity: int, _: Random) -> Iterator[Note]:
    for beat, length in ((0, 1.4), (1.5, 0.9), (2.5, 1.4)):
        softer = 0 if beat == 0 else 8
        yield from (Note(beat, length, pitch, velocity - softer) for pitch in pitches)
    yield Note(0, 2.4, near(chord.root, min(pitches) - 10), velocity)


def _pulse(pitches: Voicing, _: Chord, velocity: int, __: Random) -> Iterator[Note]:
    for eighth in range(8):
        accent = 10 if eighth in {0, 3, 6} else -4
        chosen = pitches[:2] if eighth % 2 else pitches[-2:]
        yield from (Note(eighth / 2, 0.4, pitch, velocity + accent) for pitch in chosen)


def _comp(pitches: Voicing, _: Chord, velocity: int, chance: Random) -> Iterator[Note]:
    """Two or three chords a bar, off the beat as likely as on it."""
    beats = chance.choice(_COMPING)
    for beat, after in zip(beats, (*beats[1:], BAR), strict=True):
        length = (after - beat) * chance.choice((0.5, 0.9))
        for order, pitch in enumerate(pitches):
            yield Note(beat + order * 0.01, length, pitch, velocity - (6 if beat % 1 else 0))


def _sparkle(pitches: Voicing, _: Chord, velocity: int, chance: Random) -> Iterator[Note]:
    for eighth in range(8):
        if chance.random() < 0.3:
            pitch = chance.choice(pitches) + chance.choice((0, 12))
            yield Note(eighth / 2, 1.5, pitch, velocity - chance.randrange(4, 22))


def _ostinato(pitches: Voicing, chord: Chord, velocity: int, _: Random) -> Iterator[Note]:
    """Restless eighths around the root."""
    root = near(chord.root, pitches[0])
    fifth = near(chord.tones[2], root + 7)
    third = near(chord.tones[1], root + 3)
    for eighth, pitch in enumerate((root, fifth, root + 12, fifth, third, fifth, root + 12, fifth)):
        accent = 10 if eighth in {0, 4} else 0
        yield Note(eighth / 2, 0.42, pitch, velocity - 4 + accent)


def _offbeat(pitches: Voicing, _: Chord, velocity: int, __: Random) -> Iterator[Note]:
    for beat in (0.5, 1.5, 2.5, 3.5):
        yield from (Note(beat, 0.35, pitch, velocity) for pitch in pitches[-3:])


def _sixteenths(pitches: Voicing, _: Chord, velocity: int, __: Random) -> Iterator[Note]:
    ladder = (*pitches, pitches[0] + 12)
    for sixteenth in range(16):
        pitch = ladder[(sixteenth * 3) % len(ladder)]
        accent = 8 if sixteenth % 4 == 0 else -6 * (sixteenth % 2)
        yield Note(sixteenth / 4, 0.2, pitch, velocity + accent)


PATTERNS: Final[dict[str, Pattern]] = {
    "broken": _broken,
    "fingered": _fingered,
    "strum": _strum,
    "block": _block,
    "pulse": _pulse,
    "comp": _comp,
    "sparkle": _sparkle,
    "ostinato": _ostinato,
    "offbeat": _offbeat,
    "sixteenths": _sixteenths,
}
