"""The modules of a QR code as shapes. The three corners by which it is found stay whole."""

from collections.abc import Sequence
from typing import Final

from services.generator.generators.rendition.drawing import Bar, Ring, Shape

Matrix = Sequence[Sequence[bool]]

_FINDER: Final = 7
_DOT: Final = 0.88
_LEAST_LOGO: Final = 5


def shapes(matrix: Matrix, style: str, module: int, offset: int) -> list[Shape]:
    """All that is dark; `module` pixels each, the first one `offset` pixels from the edges."""
    if style == "square":
        return [
            bar for row, cells in enumerate(matrix) for bar in _runs(cells, row, module, offset)
        ]
    found: list[Shape] = []
    for x, y in _corners(len(matrix)):
        left, top = offset + x * module, offset + y * module
        found.append(Ring(left, top, _FINDER * module, module, 2.2 * module))
        found.append(Bar(left + 2 * module, top + 2 * module, 3 * module, 3 * module, module))
    for y, cells in enumerate(matrix):
        for x, dark in enumerate(cells):
            if dark and not _in_corner(x, y, len(matrix)):
                found.append(_one(matrix, (x, y), style, module, offset))
    return found


def cleared(matrix: Matrix, share: float) -> tuple[list[list[bool]], int]:
    """With nothing in its middle, and how many modules wide the free square there is."""
    size = len(matrix)
    free = max(_LEAST_LOGO, round(size * share))
    free += (size - free) % 2
    first = (size - free) // 2
    middle = range(first, first + free)
    kept = [
        [dark and not (x in middle and y in middle) for x, dark in enumerate(cells)]
        for y, cells in enumerate(matrix)
    ]
    return kept, free


def _runs(cells: Sequence[bool], row: int, module: int, offset: int) -> list[Bar]:
    """Neighbours in a row are one bar."""
    found: list[Bar] = []
    begun: int | None = None
    for place, dark in enumerate((*cells, False)):
        if dark and begun is None:
            begun = place
        elif not dark and begun is not None:
            left, top = offset + begun * module, offset + row * module
            found.append(Bar(left, top, (place - begun) * module, module))
            begun = None
    return found


def _corners(size: int) -> tuple[tuple[int, int], ...]:
    last = size - _FINDER
    return ((0, 0), (last, 0), (0, last))


def _in_corner(x: int, y: int, size: int) -> bool:
    return any(
        left <= x < left + _FINDER and top <= y < top + _FINDER for left, top in _corners(size)
    )


def _one(matrix: Matrix, place: tuple[int, int], style: str, module: int, offset: int) -> Bar:
    x, y = place
    left, top = offset + x * module, offset + y * module
    if style == "dots":
        side = module * _DOT
        inset = (module - side) / 2
        return Bar(left + inset, top + inset, side, side, side / 2)
    size = len(matrix)

    def dark(across: int, down: int) -> bool:
        return 0 <= across < size and 0 <= down < size and bool(matrix[down][across])

    above, right, below, beside = dark(x, y - 1), dark(x + 1, y), dark(x, y + 1), dark(x - 1, y)
    free = (
        not (above or beside),
        not (above or right),
        not (below or right),
        not (below or beside),
    )
    return Bar(left, top, module, module, module / 2, free)
