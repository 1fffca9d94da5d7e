"""What a thousand idle streams of events cost: memory, and how long a 202 takes meanwhile.

Half of them listen to a job that waits, half to all events of a kind that does not come. With and
without them takes turns within a round, at a constant rate; a number of the round is the median of
its turns, so that what else the machine does for a moment does not decide. What the index that the
log is read by costs on the way of a request is measured by dropping it.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

import asyncpg
import httpx

from tests.benchmarks.client.plans import Kind, Plan
from tests.benchmarks.client.run import run_client
from tests.benchmarks.client.streams import Delays, listening
from tests.benchmarks.darkroom import Darkroom
from tests.benchmarks.measuring import Meter, Numbers, prefixed, sized, warm_up
from tests.benchmarks.options import Options
from tests.benchmarks.report.result import Series
from tests.benchmarks.servers import BenchmarkServers
from tests.benchmarks.statistics import medians, summary
from tests.benchmarks.system import running
from tests.benchmarks.usage import cpu_seconds, memory_mib

LISTENERS = 1_000
SHARE = 0.5
TURNS = (False, True, True, False) * 3
HEARD = 50
"""Jobs, one after the other, whose ends are listened for."""
_INDEX = "job_event_order"
_SETTLE = 2.0
_RARE = "/v1/events?types=media.expired"
Say = Callable[[str], None]


async def measure(servers: BenchmarkServers, options: Options, say: Say) -> Mapping[str, Series]:
    """Every round on a Darkroom of its own."""
    rounds: dict[str, list[Numbers]] = {}
    for number in range(options.rounds):
        found = await _one_round(servers, options, index_first=number % 2 == 0)
        for name, numbers in found.items():
            rounds.setdefault(name, []).append(numbers)
        ratio = found["with"]["accept/p99"] / found["without"]["accept/p99"]
        say(
            f"round {number + 1} of {options.rounds}  {LISTENERS} listeners: "
            f"{found['with']['memory']:.1f} MiB, p99 times {ratio:.2f}"
        )
    titles = {
        "without": "nobody listens",
        "with": f"{LISTENERS:,} idle listeners",
        "index": "with the index of the log",
        "no_index": "without it",
    }
    return {name: Series(titles[name], found) for name, found in rounds.items()}


async def _one_round(
    servers: BenchmarkServers, options: Options, *, index_first: bool
) -> dict[str, Numbers]:
    system = Darkroom()
    async with servers.cut() as mine, running(system, mine):
        meter, plan = Meter(system, servers), Plan(Kind.CLOSED, http=system.doors.single)
        rate = await warm_up(meter, plan, options)
        found = await _listeners(meter, system, options, rate)
        full = sized(plan, rate, options.seconds / 2, options.jobs)
        for indexed in (index_first, not index_first):
            await _set_index(system, there=indexed)
            found["index" if indexed else "no_index"] = await meter.throughput(full, rate)
        return found


async def _listeners(
    meter: Meter, system: Darkroom, options: Options, rate: float
) -> dict[str, Numbers]:
    targets = [_RARE] * (LISTENERS // 2)
    targets += [f"/v1/media/{job}/events" for job in await _waiting_jobs(system, LISTENERS // 2)]
    memory = await _memory(meter, system, targets)
    jobs = max(int(rate * SHARE * options.seconds / 4), 1)
    plan = Plan(Kind.OPEN, http=system.doors.single, jobs=jobs, rate=rate * SHARE)
    turns: dict[bool, list[Numbers]] = {True: [], False: []}
    for there in TURNS:
        async with AsyncExitStack() as open_streams:
            if there:
                await open_streams.enter_async_context(listening(system.url, targets))
            turns[there].append(await _one_turn(meter, plan))
    found = {"without": medians(turns[False]), "with": medians(turns[True])}
    found["with"] |= {"memory": memory, "rate": plan.rate}
    found["with"] |= prefixed("heard", summary(await _delays(system, targets)))
    return found


async def _one_turn(meter: Meter, plan: Plan) -> Numbers:
    before = cpu_seconds(meter.parts())["api"]
    numbers, _ = await meter.latency(plan)
    used = cpu_seconds(meter.parts())["api"] - before
    return {**numbers, "cpu/api": 1000 * used / plan.jobs}


async def _memory(meter: Meter, system: Darkroom, targets: list[str]) -> float:
    """MiB that the api's process grows by, once it has had as many before."""
    async with listening(system.url, targets[:50]):
        await asyncio.sleep(_SETTLE)
    before = memory_mib(meter.parts())["api"]
    async with listening(system.url, targets):
        await asyncio.sleep(_SETTLE)
        return memory_mib(meter.parts())["api"] - before


async def _delays(system: Darkroom, targets: list[str]) -> list[float]:
    """From each `media.ready` to who listens for it, with all the others there."""
    delays = Delays()
    one_by_one = Plan(Kind.ONE_BY_ONE, http=system.doors.single, jobs=HEARD)
    async with (
        listening(system.url, targets),
        listening(system.url, ["/v1/events?types=media.ready"], delays.hear),
    ):
        await run_client(one_by_one)
        await asyncio.sleep(1)
    return delays.seconds


async def _waiting_jobs(system: Darkroom, number: int) -> list[str]:
    """So many that do not begin: nobody makes anything of that kind."""
    async with httpx.AsyncClient(base_url=system.url, timeout=60) as http:
        (await http.post("/v1/generators/flaky/pause")).raise_for_status()
        body = {"requests": [{"generator": "flaky", "input": {}}] * number}
        answer = (await http.post("/v1/media/batch", json=body)).raise_for_status()
    return [one["job"]["id"] for one in answer.json()["answers"]]


async def _set_index(system: Darkroom, *, there: bool) -> None:
    connection = await asyncpg.connect(system.databases["api"])
    try:
        await connection.execute(f"DROP INDEX IF EXISTS {_INDEX}")
        if there:
            columns = "(transaction_id, seq)"
            await connection.execute(f"CREATE INDEX {_INDEX} ON job_event {columns}")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
