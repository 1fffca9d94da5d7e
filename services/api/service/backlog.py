"""How much waits, and whether more may be taken: a 429 is better than a queue without an end.

The jobs that wait are counted now and then, not for each request; between two counts what this
process accepts is added. Neighbours: `requests` asks for a place for each request, `app` has the
counting repeated.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from services.api.errors import QueueFullError
from services.api.metrics import ApiMetrics
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock

COUNT_EVERY = timedelta(seconds=1)
COUNT_SHARE = 20
"""Counting may take one part in so many of the time: a longer queue is counted less often."""
SHORTEST_WAIT, LONGEST_WAIT = 1, 60


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How many jobs may wait, in all and for one generator; 0: as many as there are."""

    total: int = 0
    per_generator: int = 0


class Backlog:
    """The jobs that wait, as far as this process knows."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        clock: Clock,
        metrics: ApiMetrics,
        limits: QueueLimits,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._metrics = metrics
        self._all = _Line(limits.total)
        self._lines: dict[str, _Line] = defaultdict(lambda: _Line(limits.per_generator))
        self._counted_at: datetime | None = None
        self._rest_until: datetime | None = None

    def take(self, generator: str) -> QueueFullError | None:
        """Take a place for one more request, or say why there is none. `settle` follows."""
        line = self._lines[generator]
        for full, name in ((self._all, None), (line, generator)):
            if full.limit and full.waiting >= full.limit:
                return full.refuse(name)
        self._all.pending += 1
        line.pending += 1
        return None

    def settle(self, generator: str, *, accepted: bool) -> None:
        """The request that a place was taken for was accepted, or it was not."""
        for line in (self._all, self._lines[generator]):
            line.pending -= 1
            line.accepted += accepted

    async def count(self) -> None:
        """Count what waits, unless the last count took so long that it should rest."""
        began = self._clock.now()
        if self._rest_until is not None and began < self._rest_until:
            return
        known = {name: line.accepted for name, line in self._lines.items()}
        known_in_all = self._all.accepted
        async with self._unit_of_work() as work:
            counts = await work.jobs.count_queued()
        ended = self._clock.now()
        self._rest_until = ended + (ended - began) * COUNT_SHARE
        passed = began - self._counted_at if self._counted_at else None
        self._counted_at = began
        for name in counts.keys() | known.keys():
            self._lines[name].counted_again(counts.get(name, 0), known.get(name, 0), passed)
        self._all.counted_again(sum(counts.values()), known_in_all, passed)
        self._metrics.queued({name: line.counted for name, line in self._lines.items()})


@dataclass(slots=True)
class _Line:
    """One queue: what waited at the last count, and what this process knows of it since.

    `pending` requests have a place and are being written, `accepted` were written after the last
    count, `refused` were told to come again; `rate` is how many leave the queue a second.
    """

    limit: int
    counted: int = 0
    pending: int = 0
    accepted: int = 0
    refused: int = 0
    rate: float = 0.0

    @property
    def waiting(self) -> int:
        return self.counted + self.accepted + self.pending

    def refuse(self, name: str | None) -> QueueFullError:
        """What the request is told. Whoever was refused before comes again before it."""
        ahead = self.waiting - self.limit + 1 + self.refused
        self.refused += 1
        seconds = ceil(ahead / self.rate) if self.rate else LONGEST_WAIT
        seconds = min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)
        whose = f"of {name!r} " if name else ""
        return QueueFullError(
            f"{self.waiting:,} requests {whose}wait, and no more than {self.limit:,} may; "
            f"ask again in {seconds} s.",
            retry_after=timedelta(seconds=seconds),
            extra={
                "limit": self.limit,
                "queued": self.waiting,
                "generator": name,
                "retry_after": seconds,
            },
        )

    def counted_again(self, count: int, known: int, passed: timedelta | None) -> None:
        """So many wait now; `known` of those accepted here are among them."""
        if passed:
            left = max(0, self.counted + known - count)
            self.rate = (self.rate + left / passed.total_seconds()) / 2
        self.counted = count
        self.accepted -= known
        self.refused = 0
