"""Jobs that only wait for somebody else: how many go on at the same time, by generator processes.

Each process has 200 places and each job waits two seconds, so a process can end 100 jobs a second
and no more; what is missing to that is what the system costs in time.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.client.plans import Kind, Plan
from tests.benchmarks.darkroom import Darkroom
from tests.benchmarks.measuring import Meter, Numbers
from tests.benchmarks.options import Options
from tests.benchmarks.report.result import Series
from tests.benchmarks.servers import BenchmarkServers
from tests.benchmarks.system import running

PROCESSES = (1, 2, 4)
PLACES = 200
SECONDS = 2.0
_WAVES, _WAVES_QUICK = 6, 2
_PLUGIN = Path(__file__).parent / "sleeper"
Say = Callable[[str], None]


async def measure(servers: BenchmarkServers, options: Options, say: Say) -> Mapping[str, Series]:
    """1, 2 and 4 processes in every round."""
    rounds: dict[int, list[Numbers]] = {processes: [] for processes in PROCESSES}
    for number in range(options.rounds):
        for processes in PROCESSES:
            numbers = await _one_round(servers, options, processes)
            rounds[processes].append(numbers)
            say(
                f"round {number + 1} of {options.rounds}  {processes} processes: "
                f"{numbers['jobs_per_second']:.0f} of {numbers['ideal']:.0f} jobs/s"
            )
    return {str(processes): Series(str(processes), found) for processes, found in rounds.items()}


async def _one_round(servers: BenchmarkServers, options: Options, processes: int) -> Numbers:
    request = {"generator": "sleeper", "input": {"seconds": SECONDS}}
    environment = {
        "PYTHONPATH": str(_PLUGIN),
        "DARKROOM_GENERATOR_LOOP_SLOTS": str(PLACES),
        # The window is for all processes together: twice what they can have in hand.
        "DARKROOM_GENERATOR_WINDOW": str(2 * PLACES * max(PROCESSES)),
    }
    system = Darkroom(request, environment)
    async with servers.cut() as mine, running(system, mine):
        for _ in range(processes - 1):
            await system.add_generator(mine)
        meter, plan = Meter(system, servers), Plan(Kind.CLOSED, http=system.doors.batch)
        await meter.throughput(replace(plan, jobs=PLACES * processes), 100.0)
        waves = _WAVES if options.jobs is None else _WAVES_QUICK
        numbers = await meter.throughput(replace(plan, jobs=PLACES * processes * waves), 100.0)
        ideal = processes * PLACES / SECONDS
        return {**numbers, "ideal": ideal, "share": numbers["jobs_per_second"] / ideal}
