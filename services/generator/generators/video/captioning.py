"""Cues as lines in a box: how strongly each is seen at any time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from services.generator.generators.speech.cues import Cue

_SOFT: Final = 0.14
_CLOSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in the box below, from and to when, in seconds of the video.

    It comes and goes softly, unless another one goes just before it, or comes just after.
    """

    start: float
    end: float
    text: str
    comes_softly: bool = True
    goes_softly: bool = True

    def opacity(self, second: float) -> float:
        """0-1; something of it is seen in its first frame."""
        if not self.start <= second < self.end:
            return 0
        here = (second - self.start + 0.04) / _SOFT if self.comes_softly else 1
        left = (self.end - second) / _SOFT if self.goes_softly else 1
        return min(1.0, here, left)


def shown(cues: Sequence[Cue], drawable: Callable[[str], str]) -> list[Shown]:
    """All cues, with only what can be drawn of them."""
    lines = []
    for number, cue in enumerate(cues):
        before = cues[number - 1].end if number else -1
        after = cues[number + 1].start if number + 1 < len(cues) else cue.end + 1
        lines.append(
            Shown(
                cue.start,
                cue.end,
                drawable(cue.text),
                comes_softly=cue.start - before > _CLOSE,
                goes_softly=after - cue.end > _CLOSE,
            )
        )
    return lines
