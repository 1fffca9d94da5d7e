"""Tables, for a terminal and for Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field

_LONGEST_NUMBER = 16


@dataclass(frozen=True, slots=True)
class Table:
    """The first column is text, the others are numbers that were made text."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default_factory=list)
    """Sentences below it."""

    def text(self) -> str:
        """Aligned with spaces."""
        widths = [max(len(cell) for cell in column) for column in zip(*self._all, strict=True)]
        lines = [_padded(row, widths) for row in self._all]
        lines.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([*lines, *([""] if self.notes else []), *self.notes])

    def markdown(self) -> str:
        """As GitHub reads it."""
        rule = ["---", *("--:" if self._is_number(at) else "---" for at in self._others)]
        lines = [f"| {' | '.join(row)} |" for row in (self.headers, rule, *self.rows)]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([*lines, *([""] if notes else []), *notes])

    @property
    def _others(self) -> range:
        return range(1, len(self.headers))

    def _is_number(self, column: int) -> bool:
        return all(len(row[column]) <= _LONGEST_NUMBER for row in self.rows)

    @property
    def _all(self) -> list[Sequence[str]]:
        return [self.headers, *self.rows]


def number(value: float | None, digits: int = 0) -> str:
    """`12,345`, `0.81`, or a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return "  ".join(cells).rstrip()
