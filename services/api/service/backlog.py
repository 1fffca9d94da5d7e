"""How much waits, whether more may be taken, and by which queue: of a generator, or its overflow.

A 429 is better than a queue without an end, and a queue of one's own better than standing in
everybody's way. The jobs that wait are counted now and then, not for each request; between two
counts what this process accepts is added. Neighbours: `requests` asks for a place for each request,
`sharing` takes out of the overflow what should not stay there, `app` has both repeated.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from services.api.errors import QueueFullError, QuotaExceededError
from services.api.metrics import ApiMetrics
from services.api.models import Missing, Place, Waiting
from services.api.repository.jobs import MOST_AHEAD
from services.api.service.waiting_line import WaitingLine
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock

COUNT_EVERY = timedelta(seconds=1)
COUNT_SHARE = 20
"""Counting may take one part in so many of the time: a longer queue is counted less often."""

Queue = tuple[str, str]
"""A generator and a lane."""
Refusal = QueueFullError | QuotaExceededError


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How many jobs may wait, in all and for one generator; 0: as many as there are.

    A tenant that has its `share` waiting for one generator and lane gets what it asks for besides
    into the overflow; 0: there is none.
    """

    total: int = 0
    per_generator: int = 0
    share: int = 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place for one request, in the overflow or not. `settle` it."""

    overflow: bool
    lines: tuple[WaitingLine, ...]

    def settle(self, *, accepted: bool) -> None:
        """The request was accepted, or it was not."""
        for line in self.lines:
            line.settle(accepted=accepted)


@dataclass(slots=True)
class _Lines:
    """The same jobs, by everything that they are counted by."""

    all: WaitingLine = field(default_factory=WaitingLine)
    generators: defaultdict[str, WaitingLine] = field(
        default_factory=lambda: defaultdict(WaitingLine)
    )
    tenants: defaultdict[str, WaitingLine] = field(default_factory=lambda: defaultdict(WaitingLine))
    queues: defaultdict[Queue, defaultdict[str, WaitingLine]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(WaitingLine))
    )

    def of(self, place: Place) -> WaitingLine:
        """The line that is only of this tenant, generator and lane."""
        return self.queues[place.queue][place.tenant]

    def places(self) -> Iterator[tuple[Place, WaitingLine]]:
        for (generator, lane), tenants in self.queues.items():
            for tenant, line in tenants.items():
                yield Place(tenant, generator, lane), line

    def forget_idle(self) -> None:
        """Tenants come and go; generators stay, their figure is 0 then."""
        _drop_idle(self.tenants)
        for tenants in self.queues.values():
            _drop_idle(tenants)


class Backlog:
    """The jobs that wait, as far as this process knows.

    `limit_of`: how many jobs of a tenant may wait; None: no limit but those for everybody.
    """

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        clock: Clock,
        metrics: ApiMetrics,
        limits: QueueLimits,
        limit_of: Callable[[str], int | None] = lambda _tenant: None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._metrics = metrics
        self._limits = limits
        self._limit_of = limit_of
        self._lines = _Lines()
        self._counted_at: datetime | None = None
        self._rest_until: datetime | None = None

    def take(self, place: Place) -> Ticket | Refusal:
        """Take a place for one more request, or say why there is none."""
        lines = self._lines
        whole, generator = lines.all, lines.generators[place.generator]
        tenant, mine = lines.tenants[place.tenant], lines.of(place)
        refusal = (
            _full(whole, self._limits.total, None)
            or _full(generator, self._limits.per_generator, place.generator)
            or _used_up(tenant, self._limit_of(place.tenant))
        )
        if refusal is not None:
            return refusal
        ticket = Ticket(self._has_its_share(mine), (whole, generator, tenant, mine))
        for line in ticket.lines:
            line.pending += 1
        return ticket

    def waiting_of(self, tenant: str) -> int:
        """How many jobs of the tenant wait."""
        line = self._lines.tenants.get(tenant)
        return 0 if line is None else line.waiting

    @property
    def is_shared(self) -> bool:
        """Whether tenants take turns however long the backlog is."""
        return bool(self._limits.share)

    def ahead(self, place: Place, own: int) -> int:
        """How many jobs are made before one that has so many of its tenant's before it."""
        lines: Mapping[str, WaitingLine] = self._lines.queues.get(place.queue, {})
        others = (line.waiting for tenant, line in lines.items() if tenant != place.tenant)
        return min(own + sum(min(own, waiting) for waiting in others), MOST_AHEAD)

    def missing(self) -> list[Missing]:
        """What to take out of the overflow, of every queue where several tenants have some there.

        Those who have little left outside of it get their share again; if much is made in a second,
        enough for a second.
        """
        found: list[Missing] = []
        for (generator, lane), tenants in self._lines.queues.items():
            behind = {name: line for name, line in tenants.items() if line.overflow > 0}
            if len(behind) > 1:
                enough = self._limits.share + ceil(sum(line.rate for line in tenants.values()))
                found += [
                    Missing(Place(name, generator, lane), _missing(line, enough))
                    for name, line in behind.items()
                ]
        return found

    async def count(self) -> bool:
        """Count what waits, unless the last count took so long that it should rest (False)."""
        began = self._clock.now()
        if self._rest_until is not None and began < self._rest_until:
            return False
        known = [(line, line.accepted) for line in self._every_line()]
        async with self._unit_of_work() as work:
            counts = await work.jobs.count_queued()
        ended = self._clock.now()
        self._rest_until = ended + (ended - began) * COUNT_SHARE
        passed = began - self._counted_at if self._counted_at else None
        self._counted_at = began
        self._take_in(counts, known, passed)
        generators = self._lines.generators.items()
        self._metrics.queued({name: line.counted for name, line in generators})
        return True

    def _take_in(
        self,
        counts: Mapping[Place, Waiting],
        known: Iterable[tuple[WaitingLine, int]],
        passed: timedelta | None,
    ) -> None:
        lines, found = self._lines, Counter[int]()
        for place, waiting in counts.items():
            mine = lines.of(place)
            for line in (lines.all, lines.generators[place.generator], mine):
                found[id(line)] += waiting.jobs
            found[id(lines.tenants[place.tenant])] += waiting.jobs
        before = {id(line): accepted for line, accepted in known}
        for line in self._every_line():
            line.counted_again(found[id(line)], before.get(id(line), 0), passed)
        for place, line in lines.places():
            line.overflow = counts.get(place, Waiting(0)).overflow
        lines.forget_idle()

    def _every_line(self) -> Iterator[WaitingLine]:
        lines = self._lines
        yield lines.all
        yield from lines.generators.values()
        yield from lines.tenants.values()
        for tenants in lines.queues.values():
            yield from tenants.values()

    def _has_its_share(self, line: WaitingLine) -> bool:
        """Once it has, it overflows until half of it waits: jobs of a tenant keep their order."""
        share = self._limits.share
        enough = max(1, share // 2) if line.overflows else share
        if not share or line.waiting < enough:
            line.overflows = False
        else:
            passed = self._clock.now() - self._counted_at if self._counted_at else None
            line.overflows = line.likely(passed) >= enough
        return line.overflows


def _missing(line: WaitingLine, enough: int) -> int:
    outside = line.counted - line.overflow
    return min(enough - outside, line.overflow) if outside < enough // 2 else 0


def _drop_idle(lines: dict[str, WaitingLine]) -> None:
    for name in [name for name, line in lines.items() if line.is_idle]:
        del lines[name]


def _full(line: WaitingLine, limit: int, generator: str | None) -> QueueFullError | None:
    if not limit or line.waiting < limit:
        return None
    wait = line.refuse(limit)
    seconds, whose = round(wait.total_seconds()), f"of {generator!r} " if generator else ""
    return QueueFullError(
        f"{line.waiting:,} requests {whose}wait, and no more than {limit:,} may; "
        f"ask again in {seconds} s.",
        retry_after=wait,
        extra={
            "limit": limit,
            "queued": line.waiting,
            "generator": generator,
            "retry_after": seconds,
        },
    )


def _used_up(line: WaitingLine, limit: int | None) -> QuotaExceededError | None:
    if limit is None or line.waiting < limit:
        return None
    wait = line.refuse(limit)
    seconds = round(wait.total_seconds())
    return QuotaExceededError(
        f"{line.waiting:,} of your requests wait, and no more than {limit:,} may; ask again in "
        f"{seconds} s, or have the limit raised.",
        retry_after=wait,
        extra={
            "quota": "queued_jobs",
            "limit": limit,
            "used": line.waiting,
            "retry_after": seconds,
        },
    )
