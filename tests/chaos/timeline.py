"""A picture of a run: jobs accepted and jobs final over time, and the faults under them."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from tests.chaos.observer import FINAL_TYPES
from tests.chaos.run import Result

_WIDTH, _HEIGHT = 1400, 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 40, 150
_PAPER, _INK, _FAINT = "#ffffff", "#222222", "#dddddd"
_ACCEPTED, _FINAL, _FAULT = "#2b6cb0", "#2f855a", "#e53e3e"

Point = tuple[float, float]


def draw_timeline(result: Result, path: Path) -> None:
    """Write a PNG."""
    accepted = sorted(
        p.accepted_at
        for p in result.evidence.promises
        if p.accepted_at is not None and p.order.valid
    )
    final = sorted(
        one.first_at for one in result.evidence.sightings.values() if one.type in FINAL_TYPES
    )
    end = max([*accepted, *final, *(one.ended or 0 for one in result.injected), 1.0])
    image = Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    _Picture(ImageDraw.Draw(image), end, max(len(accepted), len(final), 1)).draw(
        accepted, final, result
    )
    image.save(path)


class _Picture:
    """Seconds to the right, jobs upwards; a lane for every kind of fault below."""

    def __init__(self, pen: ImageDraw.ImageDraw, seconds: float, jobs: int) -> None:
        self._pen = pen
        self._seconds = seconds
        self._jobs = jobs
        self._floor = _HEIGHT - _BOTTOM

    def draw(self, accepted: Sequence[float], final: Sequence[float], result: Result) -> None:
        self._axes()
        self._faults(result)
        self._curve(accepted, _ACCEPTED)
        self._curve(final, _FINAL)
        self._pen.text((_LEFT, 12), f"accepted ({len(accepted)})", fill=_ACCEPTED)
        self._pen.text((_LEFT + 160, 12), f"final ({len(final)})", fill=_FINAL)
        self._pen.text((_LEFT + 320, 12), f"faults ({len(result.injected)})", fill=_FAULT)

    def _axes(self) -> None:
        step = next(s for s in (5, 10, 30, 60, 120, 300, 3600) if self._seconds / s <= 24)
        for second in range(0, int(self._seconds) + 1, step):
            x = self._x(second)
            self._pen.line([(x, _TOP), (x, _HEIGHT - 20)], fill=_FAINT)
            self._pen.text((x - 8, _HEIGHT - 16), f"{second} s", fill=_INK)
        self._pen.line([(_LEFT, self._floor), (_WIDTH - _RIGHT, self._floor)], fill=_INK)
        self._pen.text((8, _TOP), str(self._jobs), fill=_INK)

    def _faults(self, result: Result) -> None:
        lanes = list(dict.fromkeys(one.fault.kind for one in result.injected))
        height = (_BOTTOM - 34) / max(1, len(lanes))
        for one in result.injected:
            top = self._floor + 8 + lanes.index(one.fault.kind) * height
            left, right = self._x(one.began), self._x(one.ended or one.began)
            box = [(left, top), (max(right, left + 2), top + height - 2)]
            self._pen.rectangle(box, fill=_FAULT)
            self._pen.line([(left, _TOP), (left, self._floor)], fill="#fbd5d5")

    def _curve(self, moments: Sequence[float], colour: str) -> None:
        points: list[Point] = [(self._x(0), self._y(0))]
        for count, moment in enumerate(moments, start=1):
            points += [(self._x(moment), self._y(count - 1)), (self._x(moment), self._y(count))]
        self._pen.line(points, fill=colour, width=2)

    def _x(self, second: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * second / self._seconds

    def _y(self, count: int) -> float:
        return self._floor - (self._floor - _TOP) * count / self._jobs
