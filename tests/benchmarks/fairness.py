"""How long somebody waits who comes after a tenant with thousands of jobs: with and without shares.

Not time is counted but jobs: how many of the others begin between the acceptance of a newcomer's
job and its beginning. Then a second tenant brings as many as the first, and of what begins from
then on it should be every second one. Last, what a tenant that is alone pays for all that.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg

from shared.testing import eventually
from tests.benchmarks.client.plans import Kind, Plan
from tests.benchmarks.client.run import run_client
from tests.benchmarks.darkroom import Darkroom
from tests.benchmarks.measuring import Meter, Numbers, sized, until_count, warm_up
from tests.benchmarks.options import Options
from tests.benchmarks.report.result import Series
from tests.benchmarks.servers import BenchmarkServers
from tests.benchmarks.system import running

SHARES = {"shared": 32, "in line": 0}
PLACES, SECONDS = 20, 0.05
CROWD, CROWD_QUICK = 10_000, 1_500
NEWCOMERS = 5
_TITLES = {"shared": "shares of 32", "in line": "first in, first out"}
_PLUGIN = Path(__file__).parent / "sleeper"
_PATIENCE = 120.0
_BEFORE = """
SELECT count(*) FROM job AS other, job AS mine WHERE mine.tenant = $1 AND other.tenant <> $1
  AND other.started_at > mine.requested_at AND other.started_at < mine.started_at
"""
_WAITED = "SELECT extract(epoch FROM started_at - requested_at)::float8 FROM job WHERE tenant = $1"
_ACCEPTED = "SELECT count(*) FROM job WHERE tenant = $1"
_BEGUN = "SELECT count(*) FROM job WHERE started_at IS NOT NULL AND tenant = $1"
Say = Callable[[str], None]


async def measure(servers: BenchmarkServers, options: Options, say: Say) -> Mapping[str, Series]:
    """Both ways in every round, one after the other."""
    quick = options.jobs is not None and options.jobs < 1000
    rounds: dict[str, list[Numbers]] = {name: [] for name in SHARES}
    for number in range(options.rounds):
        for name, share in SHARES.items():
            crowded = await _crowded(servers, share, CROWD_QUICK if quick else CROWD)
            numbers = {**crowded, **await _alone(servers, options, share)}
            rounds[name].append(numbers)
            say(
                f"round {number + 1} of {options.rounds}  {_TITLES[name]}: {numbers['before']:.0f} "
                f"jobs begin before a newcomer's, {numbers['alone']:.0f} jobs/s alone"
            )
    return {name: Series(_TITLES[name], found) for name, found in rounds.items()}


async def _crowded(servers: BenchmarkServers, share: int, crowd: int) -> Numbers:
    environment = {
        "PYTHONPATH": str(_PLUGIN),
        "DARKROOM_GENERATOR_LOOP_SLOTS": str(PLACES),
        "DARKROOM_API_FAIR_SHARE": str(share),
    }
    system = Darkroom({"generator": "sleeper", "input": {"seconds": SECONDS}}, environment)
    async with servers.cut() as mine, running(system, mine):
        tenants = Tenants(system, await asyncpg.connect(system.databases["generator"]))
        try:
            await tenants.ask("large", crowd)
            waits = [await tenants.newcomer(f"small-{n}") for n in range(NEWCOMERS if share else 1)]
            found = {
                "before": sorted(before for before, _ in waits)[len(waits) // 2],
                "before/most": max(before for before, _ in waits),
                "seconds": max(seconds for _, seconds in waits),
            }
            if share:
                found["late"] = await tenants.part_of_a_late_one(crowd)
        finally:
            await tenants.close()
        return found


async def _alone(servers: BenchmarkServers, options: Options, share: int) -> Numbers:
    system = Darkroom(environment={"DARKROOM_API_FAIR_SHARE": str(share)})
    async with servers.cut() as mine, running(system, mine):
        meter, plan = Meter(system, servers), Plan(Kind.CLOSED, http=system.doors.single)
        rate = await warm_up(meter, plan, options)
        numbers = await meter.throughput(sized(plan, rate, options.seconds, options.jobs), rate)
        return {"alone": numbers["jobs_per_second"], "alone/cpu": numbers["cpu"]}


class Tenants:
    """Those who ask, by commands that say whose they are."""

    def __init__(self, system: Darkroom, generator: asyncpg.Connection) -> None:
        self._system = system
        self._generator = generator

    async def close(self) -> None:
        await self._generator.close()

    async def ask(self, tenant: str, count: int) -> None:
        """Ask for so many; returns when all are accepted."""
        door = self._system.doors.commands
        assert door is not None
        said: dict[str, Any] = json.loads(door.bodies[0])
        mine = replace(door, bodies=[json.dumps({**said, "tenant": tenant})])
        await run_client(Plan(Kind.COMMANDS, amqp=mine, jobs=count))
        connection = await asyncpg.connect(self._system.databases["api"])
        try:
            await until_count(lambda: _count(connection, _ACCEPTED, tenant), count, 2000.0)
        finally:
            await connection.close()

    async def newcomer(self, tenant: str) -> tuple[float, float]:
        """How many of others' jobs begin before its one job, and how many seconds it waits."""
        await self.ask(tenant, 1)

        async def begun() -> None:
            assert await _count(self._generator, _BEGUN, tenant)

        await eventually(begun, timeout=_PATIENCE)
        before = await _count(self._generator, _BEFORE, tenant)
        return float(before), float(await self._generator.fetchval(_WAITED, tenant))

    async def part_of_a_late_one(self, crowd: int) -> float:
        """How much of what begins is a second tenant's that brings as many as the first."""
        await self.ask("late", crowd)
        mine, others = await self._begun()
        await until_count(self._both, mine + others + crowd // 5, 300.0)
        mine_now, others_now = await self._begun()
        return (mine_now - mine) / (mine_now - mine + others_now - others)

    async def _both(self) -> int:
        return sum(await self._begun())

    async def _begun(self) -> tuple[int, int]:
        counts = [await _count(self._generator, _BEGUN, one) for one in ("late", "large")]
        return counts[0], counts[1]


async def _count(connection: asyncpg.Connection, statement: str, tenant: str) -> int:
    return int(await connection.fetchval(statement, tenant))
