"""Where the CPU of a job goes: each service room by room, Postgres by database, RabbitMQ.

Rooms are sampled, so they are shares of what the process used in the same seconds; sampling costs a
few per cent of a core, so rates are those of the comparison, not these.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import asyncpg

from tests.benchmarks.comparison import plans
from tests.benchmarks.darkroom import Darkroom
from tests.benchmarks.measuring import Meter, Numbers, sized, warm_up
from tests.benchmarks.options import Options
from tests.benchmarks.report.result import Series
from tests.benchmarks.sampling import Sampler
from tests.benchmarks.servers import BenchmarkServers
from tests.benchmarks.system import running
from tests.benchmarks.usage import members, read_processes

SERVICES = ("api", "generator", "notifier")
DOORS = {"single": "one a POST", "batch": "100 a POST"}
Say = Callable[[str], None]

_WAL = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
_COMMITS = "SELECT sum(xact_commit) FROM pg_stat_database WHERE datname = ANY($1)"
_STATISTICS_LATER = 1.5
"""Seconds after which sessions have told what they counted."""


async def measure(servers: BenchmarkServers, options: Options, say: Say) -> Mapping[str, Series]:
    """Both doors, in every round."""
    rounds: dict[str, list[Numbers]] = {door: [] for door in DOORS}
    for number in range(options.rounds):
        async with servers.cut() as mine, running(Darkroom(), mine) as system:
            assert isinstance(system, Darkroom)
            profiler = Profiler(system, servers, mine.folder)
            for door, found in rounds.items():
                found.append(await profiler.profile(door, options))
                spent = found[-1]["cpu"]
                say(f"round {number + 1} of {options.rounds}  {DOORS[door]}: {spent:.2f} ms a job")
    return {door: Series(title, rounds[door]) for door, title in DOORS.items()}


class Profiler:
    """One running Darkroom, seen from outside."""

    def __init__(self, system: Darkroom, servers: BenchmarkServers, folder: Path) -> None:
        self._system = system
        self._servers = servers
        self._meter = Meter(system, servers)
        self._folder = folder

    async def profile(self, door: str, options: Options) -> Numbers:
        """CPU microseconds a job, `api/HTTP`, `postgres/generator`, …; commits and WAL bytes."""
        plan = plans(self._system.doors)[door]
        rate = await warm_up(self._meter, plan, options)
        full = sized(plan, rate, options.seconds, options.jobs)
        written, by_database = await self._written(), self._postgres()
        samplers = {name: Sampler(self._system.parts()[name][0], self._folder) for name in SERVICES}
        numbers = await self._meter.throughput(full, rate)
        shares = {name: sampler.stop() for name, sampler in samplers.items()}
        spent = _difference(self._postgres(), by_database)
        await asyncio.sleep(_STATISTICS_LATER)
        wrote = _difference(await self._written(), written)
        return {
            "cpu": numbers["cpu"],
            **_rooms(shares, numbers),
            **{f"postgres/{name}": 1e6 * used / full.jobs for name, used in spent.items()},
            "rabbitmq": 1000 * numbers["cpu/rabbitmq"],
            **{name: amount / full.jobs for name, amount in wrote.items()},
        }

    def _postgres(self) -> dict[str, float]:
        """Seconds of CPU by database, and of what Postgres does for itself."""
        processes = read_processes()
        found: Counter[str] = Counter()
        for pid in members(processes, self._servers.pids()["postgres"]):
            found[self._owner(pid)] += processes[pid].seconds  # type: ignore[assignment]
        return dict(found)

    def _owner(self, pid: int) -> str:
        try:
            title = Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:  # it has ended; its parent counts it
            return "itself"
        databases = {url.partition("?")[0].rpartition("/")[2]: name for name, url in self._urls}
        words = title.split()
        backend = "autovacuum" not in title and len(words) > 2
        return databases.get(words[2], "itself") if backend else "itself"

    @property
    def _urls(self) -> list[tuple[str, str]]:
        return [*self._system.databases.items()]

    async def _written(self) -> dict[str, float]:
        connection = await asyncpg.connect(self._servers.postgres_url)
        names = [url.partition("?")[0].rpartition("/")[2] for _, url in self._urls]
        try:
            return {
                "wal_bytes": float(await connection.fetchval(_WAL)),
                "commits": float(await connection.fetchval(_COMMITS, names)),
            }
        finally:
            await connection.close()


def _rooms(shares: Mapping[str, Mapping[str, float]], numbers: Numbers) -> Numbers:
    return {
        f"{service}/{room}": 1000 * share * numbers[f"cpu/{service}"]
        for service, rooms in shares.items()
        for room, share in rooms.items()
    }


def _difference(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    return {name: value - before.get(name, 0.0) for name, value in after.items()}
