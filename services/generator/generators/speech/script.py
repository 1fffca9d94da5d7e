"""What is to be said, line by line: a text cut where a reader would draw breath.

A line is what an engine says in one go. It is short enough for the model, and long enough to sound
like a sentence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.generator.generators.speech.reading import read_aloud

LONGEST_LINE: Final = 140
_SHORTEST_CLAUSE: Final = 50
_SENTENCE_PAUSE: Final = 0.38
_CLAUSE_PAUSE: Final = 0.16
_PARAGRAPH: Final = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)")
_SENTENCE_END: Final = re.compile(r"[.!?…]+[\"”’')\]]*\s+(?=[^a-z\s])")
_ABBREVIATED: Final = re.compile(
    r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|No|Fig|Vol|approx|e\.g|i\.e|a\.m|p\.m)\.\s+$"
)
_CLAUSE_END: Final = re.compile(r"[,;:—–)…]\s+|\s+[—–-]\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """`text` as it was written, `said` as it is read, `pause` in seconds after it (at speed 1)."""

    text: str
    said: str
    pause: float
    closes_paragraph: bool = False


def script(text: str, *, respelled: Mapping[str, str] | None = None) -> tuple[Line, ...]:
    """All lines of a text in which something is said; blank lines separate paragraphs.

    `respelled` says how words are written for the engine; the lines' `text` keeps them as they are.
    """
    lines = []
    for paragraph in _PARAGRAPH.split(text):
        found = [*_lines(" ".join(paragraph.split()), respelled or {})]
        if found:
            last = found.pop()
            lines += [*found, Line(last.text, last.said, 0, closes_paragraph=True)]
    return tuple(lines)


def _lines(paragraph: str, respelled: Mapping[str, str]) -> Iterator[Line]:
    for sentence in _sentences(paragraph):
        *clauses, last = _clauses(sentence)
        parts = [*((clause, _CLAUSE_PAUSE) for clause in clauses), (last, _SENTENCE_PAUSE)]
        for part, pause in parts:
            said = read_aloud(_respell(part, respelled))
            if said:
                yield Line(part, said, pause)


def _sentences(paragraph: str) -> Iterator[str]:
    start = 0
    for end in _SENTENCE_END.finditer(paragraph):
        if not _ABBREVIATED.search(paragraph[start : end.end()]):
            yield paragraph[start : end.end()].strip()
            start = end.end()
    yield paragraph[start:].strip()


def _clauses(sentence: str) -> Iterator[str]:
    """The sentence in pieces of `LONGEST_LINE` letters at most: at a comma, else between words."""
    while len(sentence) > LONGEST_LINE:
        most = min(LONGEST_LINE, len(sentence) - _SHORTEST_CLAUSE // 2)
        at = _last(_CLAUSE_END, sentence, _SHORTEST_CLAUSE, most)
        at = at or sentence.rfind(" ", _SHORTEST_CLAUSE, most) + 1 or LONGEST_LINE
        yield sentence[:at].strip()
        sentence = sentence[at:].strip()
    yield sentence


def _last(pattern: re.Pattern[str], text: str, least: int, most: int) -> int:
    return max((m.end() for m in pattern.finditer(text, least, most)), default=0)


def _respell(text: str, respelled: Mapping[str, str]) -> str:
    if not respelled:
        return text
    known = {word.lower(): spelling for word, spelling in respelled.items()}
    words = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)({words})(?!\w)", re.IGNORECASE)
    return pattern.sub(lambda match: known[match[1].lower()], text)
