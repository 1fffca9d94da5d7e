"""Whether a job costs more when many were made before it, or many wait before it.

Stored jobs: one system, measured empty, then with 100,000 and 1,000,000 ended jobs in its tables.
Backlog: its generator is paused, so many jobs are asked for, then the measured ones; then it goes
on, and as many as were measured leave the queue. A job's cost is that of both its halves. The
second half is counted only once all stages are busy and while they still are: what was begun before
is as much as what is not ended after.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

import asyncpg
import httpx

from tests.benchmarks.client.plans import Kind, Plan
from tests.benchmarks.client.run import run_client
from tests.benchmarks.darkroom import Darkroom
from tests.benchmarks.measuring import Meter, Numbers, cost, difference, sized, until_count, warm_up
from tests.benchmarks.options import Options
from tests.benchmarks.report.result import Series
from tests.benchmarks.servers import BenchmarkServers
from tests.benchmarks.stored import store_copies
from tests.benchmarks.system import running
from tests.benchmarks.usage import cpu_seconds

STORED, STORED_QUICK = (0, 100_000, 1_000_000), (0, 1_000, 10_000)
BACKLOG, BACKLOG_QUICK = (0, 100_000), (0, 2_000)
_PATTERN = "SELECT id FROM job WHERE status = 'ready' ORDER BY id LIMIT 1"
_LONGEST = 600.0
_LEAD = 1000
"""Jobs that fill the stages before the measured ones, and keep them busy after."""
Say = Callable[[str], None]


async def measure(servers: BenchmarkServers, options: Options, say: Say) -> Mapping[str, Series]:
    """All sizes in every round."""
    quick = options.jobs is not None and options.jobs < 1000
    rounds: dict[str, list[Numbers]] = {}
    for number in range(options.rounds):
        found = await _stored(servers, options, STORED_QUICK if quick else STORED)
        for size in BACKLOG_QUICK if quick else BACKLOG:
            found[f"backlog/{size}"] = await _waiting(servers, options, size)
        for name, numbers in found.items():
            rounds.setdefault(name, []).append(numbers)
            say(f"round {number + 1} of {options.rounds}  {name}: {numbers['cpu']:.2f} ms of CPU")
    return {name: Series(_title(name), found) for name, found in rounds.items()}


def _title(name: str) -> str:
    kind, _, size = name.partition("/")
    return f"{int(size):,} {'stored' if kind == 'stored' else 'waiting'}"


async def _stored(
    servers: BenchmarkServers, options: Options, sizes: tuple[int, ...]
) -> dict[str, Numbers]:
    system, found = Darkroom(), {}
    async with servers.cut() as mine, running(system, mine):
        meter, plan = Meter(system, servers), Plan(Kind.CLOSED, http=system.doors.single)
        rate = await warm_up(meter, plan, options)
        full, stored = sized(plan, rate, options.seconds, options.jobs), 0
        for size in sizes:
            if size > stored:
                pattern = await _a_finished_job(system)
                await store_copies(system.databases, pattern, stored + 1, size)
                stored = size
                await warm_up(meter, plan, options)
            found[f"stored/{size}"] = await meter.throughput(full, rate)
    return found


async def _a_finished_job(system: Darkroom) -> UUID:
    connection = await asyncpg.connect(system.databases["api"])
    try:
        return UUID(str(await connection.fetchval(_PATTERN)))
    finally:
        await connection.close()


async def _waiting(servers: BenchmarkServers, options: Options, size: int) -> Numbers:
    system = Darkroom()
    async with servers.cut() as mine, running(system, mine):
        meter, plan = Meter(system, servers), Plan(Kind.CLOSED, http=system.doors.single)
        rate = await warm_up(meter, plan, options)
        full = sized(plan, rate, options.seconds, options.jobs)
        await _say_to_generators(system, "pause")
        if size:
            await run_client(Plan(Kind.CLOSED, http=system.doors.batch, jobs=size, connections=8))
        lead = min(_LEAD, full.jobs)
        asked, before = full.jobs + 2 * lead, cpu_seconds(meter.parts())
        await run_client(replace(full, jobs=asked))
        accepted = cost(difference(before, cpu_seconds(meter.parts())), asked)
        return _sum(accepted, await _drained(meter, system, lead, full.jobs))


async def _drained(meter: Meter, system: Darkroom, lead: int, jobs: int) -> Numbers:
    """By verdicts: to count ended jobs in the read model would be to look at all that wait, too."""
    connection = await asyncpg.connect(system.databases["notifier"])

    async def count() -> int:
        return int(await connection.fetchval("SELECT count(*) FROM verdict"))

    try:
        begun = await count()
        await _say_to_generators(system, "resume")
        await until_count(count, begun + lead, 1000.0)
        done, before = await count(), cpu_seconds(meter.parts())
        await until_count(count, done + jobs, 1000.0)
        ended, after = await count() - done, cpu_seconds(meter.parts())
    finally:
        await connection.close()
    return cost(difference(before, after), ended)


async def _say_to_generators(system: Darkroom, word: str) -> None:
    async with httpx.AsyncClient(base_url=system.url, timeout=_LONGEST) as http:
        (await http.post(f"/v1/generators/noop/{word}")).raise_for_status()


def _sum(one: Numbers, other: Numbers) -> Numbers:
    return {name: value + other.get(name, 0.0) for name, value in one.items()}
