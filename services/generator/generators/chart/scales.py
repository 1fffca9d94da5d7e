"""From values to places: ticks at round numbers and at the beginnings of months and years."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10
from typing import Final

from services.generator.generators.chart.formats import Precision

_DAY: Final = 86_400.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Linear:
    """Values `low` to `high` onto places `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Log:
    """Values above zero, `low` to `high`, onto places: ten times as much is always as far."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = log10(value / self.low) / log10(self.high / self.low)
        return self.start + share * (self.end - self.start)


Scale = Linear | Log


def log_ticks(low: float, high: float, count: int) -> list[float]:
    """Powers of ten that cover the range, and twice and five times them where there is room."""
    first, last = floor(log10(low) + 1e-9), ceil(log10(high) - 1e-9)
    steps = (1, 2, 5) if (last - first) * 3 <= count * 1.5 else (1,)
    places = [by * 10.0**power for power in range(first, last + 1) for by in steps]
    below, above = [at for at in places if at <= low * 1.001], [at for at in places if at >= high]
    places = [at for at in places if below[-1] <= at <= (above[0] if above else places[-1])]
    return places[:: max(1, -(-len(places) // (2 * count)))]


def ticks(low: float, high: float, count: int) -> tuple[list[float], float]:
    """Some `count` round numbers from `low` to `high`, and how far apart they are."""
    span = high - low
    raw = span / max(count, 1)
    power = 10.0 ** floor(log10(raw))
    step = next((power * by for by in (1, 2, 2.5, 5, 10) if power * by >= raw * 0.999), power * 10)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(index * step, 12) + 0.0 for index in range(first, last + 1)], step


def rounded(low: float, high: float, count: int) -> tuple[float, float]:
    """The range, widened to whole steps."""
    if low == high:
        size = abs(low) * 0.5 or 1.0
        low, high = low - size, high + size
    for _ in range(2):
        _, step = ticks(low, high, count)
        low, high = floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step
    return low, high


def seconds(value: datetime) -> float:
    """Seconds since 1970."""
    return (value - _EPOCH).total_seconds()


def date_ticks(low: datetime, high: datetime, count: int) -> tuple[list[datetime], Precision]:
    """Some `count` round dates from `low` to `high`, and what of them matters."""
    span = seconds(high) - seconds(low)
    for months, precision in _MONTH_STEPS:
        if precision == "month" and span < 50 * _DAY:
            break
        if span / (months * 30.44 * _DAY) <= count:
            return list(_by_months(low, high, months)), precision
    for size in _SHORT_STEPS:
        if span / size <= count:
            return list(_by_seconds(low, high, size)), "day" if size >= _DAY else "hour"
    years = max(1, round(ticks(low.year, high.year + 1, count)[1]))
    return list(_by_months(low, high, 12 * years)), "year"


_MONTH_STEPS: Final[Sequence[tuple[int, Precision]]] = (
    (1, "month"),
    (2, "month"),
    (3, "month"),
    (6, "month"),
    (12, "year"),
    (24, "year"),
    (60, "year"),
    (120, "year"),
    (240, "year"),
    (600, "year"),
    (1200, "year"),
)
_SHORT_STEPS: Final = tuple(hours * 3600.0 for hours in (1, 3, 6, 12, 24, 48, 96, 168, 336, 720))


def _by_months(low: datetime, high: datetime, months: int) -> Iterator[datetime]:
    index = ceil((low.year * 12 + low.month - 1) / months) * months
    while index // 12 <= 9999:
        here = datetime(max(index // 12, 1), index % 12 + 1, 1, tzinfo=UTC)
        if here > high:
            return
        if here >= low:
            yield here
        index += months


def _by_seconds(low: datetime, high: datetime, size: float) -> Iterator[datetime]:
    index = ceil(seconds(low) / size)
    while index * size <= seconds(high):
        yield _EPOCH + timedelta(seconds=index * size)
        index += 1
