"""Lists that fit: a line for each row, and what is said in words below it where there is no room.

Piped, every row is one whole line, so that `darkroom list | grep` sees all of it.
"""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

Cell = str | Text
_GAP = "  "
_NARROWEST = 20


class Listing:
    """Rows of short cells, each with words at its end that may be long.

    Columns whose name starts with `>` are numbers, set to the right. Words that go below are cut to
    a line, or wrapped when they are to be shown `whole`.
    """

    def __init__(self, *columns: str, words: str = "", whole: bool = False) -> None:
        self._names = [Text(name.lstrip(">"), "dim") for name in columns]
        self._right = [name.startswith(">") for name in columns]
        self._title = Text(words, "dim")
        self._whole = whole
        self._rows: list[tuple[list[Text], Text]] = []

    def add(self, *cells: Cell, words: Cell = "") -> None:
        """One row."""
        self._rows.append(([_text(cell) for cell in cells], _one_line(_text(words))))

    def print(self, console: Console) -> None:
        """As wide as the console, or as wide as it gets where there is no terminal."""
        widths = [
            max(cell_len(cells[place].plain) for cells in self._columns())
            for place in range(len(self._names))
        ]
        used = sum(widths) + len(_GAP) * len(widths)
        longest = max((cell_len(words.plain) for _, words in self._rows), default=0)
        below = console.is_terminal and used + longest > console.width
        indent = widths[0] + len(_GAP) if self._right[0] else len(_GAP)
        rows = [(self._names, Text() if below else self._title), *self._rows]
        for cells, words in rows:
            row = self._padded(cells, widths)
            if not below:
                _print_line(console, row + words)
                continue
            _print_line(console, row)
            for line in self._below(words, console, console.width - indent):
                _print_line(console, Text.assemble(" " * indent, line, style="dim"))

    def _below(self, words: Text, console: Console, room: int) -> Iterable[Text]:
        if not words.plain:
            return []
        return words.wrap(console, max(room, _NARROWEST)) if self._whole else [words]

    def _columns(self) -> list[list[Text]]:
        return [self._names, *(cells for cells, _ in self._rows)]

    def _padded(self, cells: list[Text], widths: list[int]) -> Text:
        line = Text()
        for cell, width, right in zip(cells, widths, self._right, strict=True):
            room = " " * (width - cell_len(cell.plain))
            line.append_text(Text.assemble(*((room, cell) if right else (cell, room)), _GAP))
        return line


def _print_line(console: Console, line: Text) -> None:
    line.rstrip()
    if console.is_terminal:
        line.truncate(console.width, overflow="ellipsis")
    console.print(line, soft_wrap=True)


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def _one_line(words: Text) -> Text:
    """Without the line breaks that messages of others may have."""
    return Text(" ".join(words.plain.split()), words.style)
