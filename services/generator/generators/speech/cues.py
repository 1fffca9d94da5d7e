"""When what is said: pieces of the text that one can read while they are spoken."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 84
"""Letters of a cue: two lines of 42, as subtitles have them."""
LONGEST_SECONDS: Final = 6.0
_SHORTEST_SECONDS: Final = 1.2
_GAP: Final = 0.6
_GOOD_END: Final = re.compile(r"[,;:.!?…—–)][\"”’']*$")


@dataclass(frozen=True, slots=True)
class Cue:
    """Seconds from the beginning of the sound, and the text that is spoken then, on one line."""

    start: float
    end: float
    text: str


def cues_of(text: str, start: float, end: float, weight: Callable[[str], float]) -> tuple[Cue, ...]:
    """One line's cues; within it, time is shared by how much there is to say (`weight`)."""
    least = round((end - start) / LONGEST_SECONDS + 0.5)
    pieces = [*_pieces(text, least)]
    weights = [max(weight(piece), 0.05) for piece in pieces]
    cues, at = [], start
    for piece, share in zip(pieces, weights, strict=True):
        until = at + (end - start) * share / sum(weights)
        cues.append(Cue(round(at, 3), round(until, 3), piece))
        at = until
    return tuple(cues)


def chained(cues: Sequence[Cue]) -> tuple[Cue, ...]:
    """Short cues joined with what follows, and none gone for a moment before the next one comes."""
    joined: list[Cue] = []
    for cue in cues:
        if joined and _belong_together(joined[-1], cue):
            last = joined.pop()
            joined.append(Cue(last.start, cue.end, f"{last.text} {cue.text}"))
        else:
            joined.append(cue)
    ends = [*(after.start for after in joined[1:]), None]
    return tuple(
        Cue(cue.start, after if after is not None and after - cue.end < _GAP else cue.end, cue.text)
        for cue, after in zip(joined, ends, strict=True)
    )


def _belong_together(last: Cue, cue: Cue) -> bool:
    short = min(last.end - last.start, cue.end - cue.start) < _SHORTEST_SECONDS
    close = cue.start - last.end < _GAP
    fits = len(last.text) + 1 + len(cue.text) <= LONGEST
    return short and close and fits and cue.end - last.start <= LONGEST_SECONDS


def _pieces(text: str, least: int) -> Iterator[str]:
    """The text in `least` pieces or more, of like length, best broken after punctuation."""
    count = max(least, -(-len(text) // LONGEST))
    while count > 1:
        at = _break(text, len(text) / count)
        yield text[:at].strip()
        text = text[at:].strip()
        count = max(count - 1, -(-len(text) // LONGEST))
    yield text


def _break(text: str, wanted: float) -> int:
    """Where to break so that the piece fits: near `wanted`, best after punctuation."""
    spaces = [match.start() for match in re.finditer(" ", text[: LONGEST + 1])]
    if not spaces:
        return min(LONGEST, max(1, round(wanted)))
    return min(
        spaces,
        key=lambda at: abs(at - wanted) - (20 if _GOOD_END.search(text[:at]) else 0),
    )
