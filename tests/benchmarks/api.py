"""How long the 202 takes while jobs come at a constant rate, at shares of what the system can do.

The rate does not slow down when answers do: what an answer is late is counted from the moment at
which its request was due, as its sender would count it.
"""

from collections.abc import Callable, Mapping

from tests.benchmarks.client.plans import Kind, Plan
from tests.benchmarks.darkroom import Darkroom
from tests.benchmarks.measuring import Meter, Numbers, sized, warm_up
from tests.benchmarks.options import Options
from tests.benchmarks.report.result import Series
from tests.benchmarks.servers import BenchmarkServers
from tests.benchmarks.system import running

SHARES = (0.25, 0.5, 0.8)
Say = Callable[[str], None]


async def measure(servers: BenchmarkServers, options: Options, say: Say) -> Mapping[str, Series]:
    """Each share of the maximum that was found in the same round."""
    rounds: dict[float, list[Numbers]] = {share: [] for share in SHARES}
    for number in range(options.rounds):
        for share, numbers in (await _one_round(servers, options)).items():
            rounds[share].append(numbers)
            say(
                f"round {number + 1} of {options.rounds}  {share:4.0%} of the maximum, "
                f"{numbers['rate']:.0f} jobs/s: p99 {numbers['accept/p99']:.1f} ms"
            )
    return {
        f"{share:.2f}": Series(f"{100 * share:.0f} %", found) for share, found in rounds.items()
    }


async def _one_round(servers: BenchmarkServers, options: Options) -> dict[float, Numbers]:
    async with servers.cut() as mine, running(Darkroom(), mine) as system:
        meter, plan = Meter(system, servers), Plan(Kind.CLOSED, http=system.doors.single)
        rate = await warm_up(meter, plan, options)
        maximum = await meter.throughput(sized(plan, rate, options.seconds, options.jobs), rate)
        return {
            share: await _at(meter, share * maximum["jobs_per_second"], options) for share in SHARES
        }


async def _at(meter: Meter, rate: float, options: Options) -> Numbers:
    jobs = max(int(rate * options.seconds), 1)
    plan = Plan(Kind.OPEN, http=meter.system.doors.single, jobs=jobs, rate=rate)
    numbers, _ = await meter.latency(plan)
    return {"rate": rate, **numbers}
