"""The words in which a piece is written: notes, chords, parts, layers, moods."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

BAR: Final = 4.0
"""Beats; all is in four four."""
PHRASE: Final = 4
"""Bars after which something changes."""

Role: TypeAlias = Literal["pad", "chords", "bass", "melody", "counter", "drums"]


@dataclass(frozen=True, slots=True)
class Note:
    """`start` and `length` in beats from the beginning; `velocity` 1 to 127."""

    start: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Chord:
    """Pitch classes: the root, all tones from the root upwards, and the scale around them."""

    root: int
    tones: tuple[int, ...]
    scale: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Harmony:
    """A chord for each bar, and the last one."""

    chords: tuple[Chord, ...]
    home: Chord


@dataclass(frozen=True, slots=True)
class Layer:
    """One instrument (a General MIDI program from 0) and the way it plays.

    It plays in sections at least as intense as `enters` (0 to 1), and around `center`.
    """

    role: Role
    style: str
    program: int
    enters: float = 0.0
    volume: int = 80
    pan: int = 64
    reverb: int = 40
    center: int = 60


@dataclass(frozen=True, slots=True)
class Part:
    """What one layer plays."""

    layer: Layer
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Mood:
    """A kind of music. Tempi in beats a minute; `swing` 0 (straight) to 1 (triplets)."""

    tempo: tuple[int, int]
    keys: tuple[int, ...]
    scale: str
    progressions: tuple[str, ...]
    layers: tuple[Layer, ...]
    rhythms: tuple[str, ...]
    """Bars of melody in eighths: `x` begins a note, `-` holds it, `.` is silent."""
    swing: float = 0.0
    room: float = 0.5
    """How large the room sounds, 0 to 1."""
    loose: float = 0.008
    """Seconds by which players are early or late."""
    sevenths: bool = False
