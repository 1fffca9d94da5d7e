"""Measuring one running system: how many jobs, at what cost, after how long.

Every number of a round has a name like `single/jobs_per_second` or `single/cpu/api`, so that rounds
are plain dictionaries and their medians are too.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from tests.benchmarks.client.plans import Kind, Outcome, Plan
from tests.benchmarks.client.run import run_client
from tests.benchmarks.errors import BenchmarkError
from tests.benchmarks.options import Options
from tests.benchmarks.servers import BenchmarkServers
from tests.benchmarks.statistics import summary
from tests.benchmarks.system import System
from tests.benchmarks.usage import Parts, cpu_seconds, memory_mib

Numbers = dict[str, float]

_SETTLE = 0.5
"""Seconds in which acks, deleted outbox rows and the like still count as the jobs' cost."""
_PATIENCE = 60.0
_SHORTEST_LOOK, _LONGEST_LOOK = 0.01, 0.25


class Meter:
    """One running system on the suite's servers."""

    def __init__(self, system: System, servers: BenchmarkServers) -> None:
        self.system = system
        self._servers = servers

    def parts(self) -> Parts:
        """Every process tree that has to do with it."""
        return {**self.system.parts(), **self._servers.pids()}

    async def throughput(self, plan: Plan, expected_rate: float = 1000.0) -> Numbers:
        """From the first request until the last job is final in the read model, and its cost."""
        self.system.mark()
        done = await self.system.finished()
        before = cpu_seconds(self.parts())
        watching = asyncio.create_task(self.until_finished(done + plan.jobs, expected_rate))
        try:
            outcome = await run_client(plan)
            seconds = await watching - outcome.began
        finally:
            watching.cancel()
        await asyncio.sleep(_SETTLE)
        used = difference(before, cpu_seconds(self.parts()))
        return {
            "jobs": float(plan.jobs),
            "seconds": seconds,
            "jobs_per_second": plan.jobs / seconds,
            "accepted_per_second": outcome.accepted / (outcome.ended - outcome.began),
            **cost(used, plan.jobs),
            "client_cpu": 1000 * outcome.cpu / plan.jobs,
        }

    async def latency(self, plan: Plan) -> tuple[Numbers, Outcome]:
        """Acceptance, and from there to the end, in milliseconds."""
        self.system.mark()
        done = await self.system.finished()
        outcome = await run_client(plan)
        await self.until_finished(done + plan.jobs, plan.rate or 50.0)
        accepting = prefixed("accept", summary(outcome.accepting))
        return {**accepting, **prefixed("ready", summary(outcome.finishing))}, outcome

    def memory(self) -> Numbers:
        """MiB of each part, and of all together."""
        parts = memory_mib(self.parts())
        return {"total": sum(parts.values()), **parts}

    async def until_finished(self, target: int, rate: float) -> float:
        """The moment at which so many jobs were seen to be final.

        Looks seldom while many are missing and often at the end. Raises `BenchmarkError` when
        nothing moves any more.
        """
        return await until_count(self.system.finished, target, rate)


async def until_count(count: Callable[[], Awaitable[int]], target: int, rate: float) -> float:
    """The moment at which ``count`` reached ``target``; ``rate`` is a first guess."""
    began = moved = time.monotonic()
    first = last = await count()
    while last < target:
        now = time.monotonic()
        if now - moved > _PATIENCE:
            raise BenchmarkError(f"{target - last} jobs did not end within {_PATIENCE:.0f} s")
        if last > first:
            rate = (last - first) / (now - began)
        await asyncio.sleep(min(max((target - last) / rate / 2, _SHORTEST_LOOK), _LONGEST_LOOK))
        if (seen := await count()) > last:
            last, moved = seen, time.monotonic()
    return time.monotonic()


async def warm_up(meter: Meter, plan: Plan, options: Options) -> float:
    """Fill caches, pools and prepared statements; answers the rate, which few jobs do not show."""
    few = sized(plan, 1.0, 1.0, options.warm_up)
    rate = (await meter.throughput(few, 100.0))["jobs_per_second"]
    more = sized(plan, rate, options.seconds / 4, None)
    more = more if more.jobs > few.jobs else few
    return (await meter.throughput(more, rate))["jobs_per_second"]


def sized(plan: Plan, rate: float, seconds: float, jobs: int | None) -> Plan:
    """The plan with so many jobs as last about so long at this rate, or exactly ``jobs``.

    A door that takes many at a time takes the next multiple of that.
    """
    wanted = jobs or max(int(rate * seconds), 100)
    step = plan.http.jobs_per_call if plan.http else 1
    return replace(plan, jobs=-(-wanted // step) * step)


def cost(used: Mapping[str, float], jobs: float) -> Numbers:
    """CPU milliseconds a job: `cpu` in all, `cpu/<part>` of each part."""
    parts = {f"cpu/{part}": 1000 * seconds / jobs for part, seconds in used.items()}
    return {"cpu": sum(parts.values()), **parts}


def difference(before: Mapping[str, float], after: Mapping[str, float]) -> Numbers:
    """What was used in between."""
    return {part: seconds - before.get(part, 0.0) for part, seconds in after.items()}


def prefixed(name: str, numbers: Mapping[str, float]) -> Numbers:
    """`p50` as `idle/p50`."""
    return {f"{name}/{key}": value for key, value in numbers.items()}


__all__ = ["Kind", "Meter", "Numbers", "Plan", "cost", "difference", "prefixed", "sized"]
