"""How a piece goes: how many bars at which tempo, and how intense each of them is."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from services.generator.generators.music.score import BAR, PHRASE, Mood

_LONGEST_RING: Final = 4.5
_SHORTEST_RING: Final = 1.2
_TEMPO_GIVES: Final = 0.06


@dataclass(frozen=True, slots=True)
class Section:
    """`bars` of one intensity (0 to 1); sections of the same `theme` have the same tune."""

    first: int
    bars: int
    theme: str
    intensity: float
    opens: bool = False
    """Whether something greater begins, which drums announce."""

    @property
    def last(self) -> int:
        """The bar after it."""
        return self.first + self.bars


@dataclass(frozen=True, slots=True)
class Form:
    """The sections, then (unless it is a loop) a last chord that rings until `seconds`."""

    sections: tuple[Section, ...]
    tempo: float
    seconds: float
    loop: bool

    @property
    def bars(self) -> int:
        """All but the last chord."""
        return self.sections[-1].last

    @property
    def ring(self) -> float:
        """Seconds for the last chord."""
        return self.seconds - _seconds(self.bars, self.tempo)

    def beats(self, seconds: float) -> float:
        """How many beats so many seconds are."""
        return seconds * self.tempo / 60


def shape(mood: Mood, seconds: float, chance: Random, tempo: int | None, *, loop: bool) -> Form:
    """Fit whole bars into the time: by the tempo where it is free, else by the last chord."""
    wanted = float(tempo or chance.uniform(*mood.tempo))
    if loop:
        bars = max(1, round(seconds / _seconds(1, wanted)))
        exact = bars * BAR * 60 / seconds
    else:
        bars, exact = _with_an_end(wanted, seconds, gives=0.0 if tempo else _TEMPO_GIVES)
    return Form(tuple(_sections(bars, loop=loop)), exact, seconds, loop)


def _with_an_end(wanted: float, seconds: float, gives: float) -> tuple[int, float]:
    """How many bars at which tempo, so that the last chord has the time that it needs."""
    ring = min(_LONGEST_RING, max(_seconds(1, wanted) * 0.75, seconds * 0.12), seconds * 0.5)
    room = (seconds - ring) / _seconds(1, wanted)
    bars = max(1, int(room + gives * room))
    exact = min(max(wanted * bars / room, wanted * (1 - gives)), wanted * (1 + gives))
    if seconds - _seconds(bars, exact) < _SHORTEST_RING:
        exact = bars * BAR * 60 / (seconds - _SHORTEST_RING)
    return bars, exact


def _seconds(bars: int, tempo: float) -> float:
    return bars * BAR * 60 / tempo


_OF_PHRASES: Final[dict[int, str]] = {1: "A", 2: "AC", 3: "iAC", 4: "iAC", 5: "iABC"}
_BODY: Final = "ABCbABCC"
_INTENSITIES: Final = {"i": 0.42, "A": 0.6, "B": 0.75, "b": 0.48, "C": 1.0, "o": 0.5}


def _plan(phrases: int, *, loop: bool) -> str:
    """A letter a phrase: intro, verse A, rising B, climax C, break b, outro."""
    if loop:
        return ("ABC" * phrases)[: max(phrases - 1, 0)] + "C" if phrases > 1 else "B"
    if phrases <= 3:
        return _OF_PHRASES[phrases]
    body = phrases - 2
    letters = (_BODY * (body // len(_BODY) + 1))[:body]
    return "i" + letters[:-1] + "C" + "o"


def _sections(bars: int, *, loop: bool) -> Iterator[Section]:
    phrases = max(1, bars // PHRASE)
    lengths = [PHRASE] * phrases
    lengths[0] += bars - PHRASE * phrases if bars >= PHRASE else bars - PHRASE
    if lengths[0] > PHRASE + 1:
        lengths = [lengths[0] - PHRASE, PHRASE, *lengths[1:]]
    plan = _plan(len(lengths), loop=loop)
    first, before = 0, 0.0
    for letter, length in zip(plan, lengths, strict=True):
        intensity = _INTENSITIES[letter]
        theme = {"i": "A", "o": "A", "b": "B"}.get(letter, letter)
        yield Section(first, length, theme, intensity, opens=intensity > before + 0.1)
        first, before = first + length, intensity
