"""What is looked up when Prometheus asks: the outbox, readiness, and whatever a service adds.

Every process of a service reads the same database, so such figures are the same in all of them:
take their `max`, not their sum.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import asyncpg
import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.errors import DarkroomError
from shared.observability.health import Check, ask

Reading = Callable[[], Awaitable[Iterable[Metric]]]
"""Answers some figures. What fails or takes too long is left out this time."""

READING_SECONDS = 2.5
"""Longer than a check of readiness may take."""

log = structlog.get_logger(__name__)


class Backlog(Protocol):
    """What is read of an outbox relay."""

    async def backlog(self) -> dict[str, float]: ...


class Readings(Collector):
    """The newest figures of all readings."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = tuple(readings)
        self._figures: list[Metric] = []

    async def look(self) -> None:
        """Read them all anew, at once."""
        answers = await asyncio.gather(*(_figures(reading) for reading in self._readings))
        self._figures = [figure for figures in answers for figure in figures]

    def collect(self) -> Iterator[Metric]:
        yield from self._figures


def outbox_reading(relay: Backlog) -> Reading:
    """What waits in the outbox."""

    async def read() -> list[Metric]:
        return [
            GaugeMetricFamily(
                f"darkroom_outbox_{name}", "Rows in the outbox, or the age of the oldest.", value
            )
            for name, value in (await relay.backlog()).items()
        ]

    return read


def readiness_reading(checks: Mapping[str, Check]) -> Reading:
    """Which of the checks of /health/ready find nothing."""

    async def read() -> list[Metric]:
        problems = await asyncio.gather(*(ask(check) for check in checks.values()))
        ready = GaugeMetricFamily(
            "darkroom_ready", "1 while this check of /health/ready is content.", labels=["check"]
        )
        for name, problem in zip(checks, problems, strict=True):
            ready.add_metric([name], float(problem is None))
        return [ready]

    return read


async def _figures(reading: Reading) -> list[Metric]:
    try:
        async with asyncio.timeout(READING_SECONDS):
            return list(await reading())
    except (DarkroomError, OSError, asyncpg.PostgresError) as error:
        log.info("metrics.left_out", error=repr(error))
        return []
