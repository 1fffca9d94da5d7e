"""Darkroom, its peers and the floor, in turn, round by round: A B C A B C …

Each is started from nothing on the same servers, warmed up, and asked for jobs that cost nothing to
make. What differs from round to round is the machine's weather, and hits all of them.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError

from tests.benchmarks.client.plans import Kind, Plan
from tests.benchmarks.errors import BenchmarkError
from tests.benchmarks.measuring import Meter, Numbers, prefixed, sized, warm_up
from tests.benchmarks.options import Options
from tests.benchmarks.report.result import Series
from tests.benchmarks.roster import chosen
from tests.benchmarks.servers import BenchmarkServers
from tests.benchmarks.system import Doors, System, running

SHARE_OF_MAXIMUM = 0.8
PROBES_A_SECOND = 20.0

Say = Callable[[str], None]


async def measure(servers: BenchmarkServers, options: Options, say: Say) -> Mapping[str, Series]:
    """Every system in every round."""
    systems = chosen(options.systems)
    rounds: dict[str, list[Numbers]] = {system.name: [] for system in systems}
    for number in range(options.rounds):
        for system in systems:
            numbers = await one_round(system(), servers, options)
            rounds[system.name].append(numbers)
            say(f"round {number + 1} of {options.rounds}  {system.title:28} {told(numbers)}")
    return {
        system.name: Series(system.title, rounds[system.name], system.guarantees)
        for system in systems
    }


def versions(options: Options) -> Mapping[str, str]:
    """Of what is compared. Raises `BenchmarkError` when something is not installed."""
    found: dict[str, str] = {}
    for system in chosen(options.systems):
        try:
            found |= system().versions()
        except PackageNotFoundError as error:
            raise BenchmarkError(
                f"{system.title} needs {error.name}, which is not installed: deploy/bootstrap "
                "--bench installs it, --systems leaves this one out"
            ) from error
    return found


async def one_round(system: System, servers: BenchmarkServers, options: Options) -> Numbers:
    """One life of one system."""
    async with servers.cut() as mine, running(system, mine):
        meter = Meter(system, servers)
        numbers: Numbers = {}
        for name, plan in plans(system.doors).items():
            rate = await warm_up(meter, plan, options)
            full = sized(plan, rate, options.seconds, options.jobs)
            numbers |= prefixed(name, await meter.throughput(full, rate))
        numbers |= await _latencies(meter, options, numbers["single/jobs_per_second"])
        return {**numbers, **prefixed("memory", meter.memory())}


async def _latencies(meter: Meter, options: Options, maximum: float) -> Numbers:
    doors = meter.system.doors
    one = Plan(Kind.ONE_BY_ONE, http=doors.single, amqp=doors.commands, jobs=options.one_by_one)
    idle, _ = await meter.latency(one)
    numbers = prefixed("idle", idle)
    if doors.commands:
        listening = Plan(Kind.ONE_BY_ONE, one.http, one.amqp, options.one_by_one, listen=True)
        heard, _ = await meter.latency(listening)
        numbers |= prefixed("heard", heard)
    rate = SHARE_OF_MAXIMUM * maximum
    jobs = max(int(rate * options.seconds), 1)
    loaded, _ = await meter.latency(
        Plan(Kind.OPEN, http=doors.single, jobs=jobs, rate=rate, probes=PROBES_A_SECOND)
    )
    return {**numbers, **prefixed("loaded", loaded)}


def plans(doors: Doors) -> dict[str, Plan]:
    """How each door of a system is knocked at, as fast as it opens."""
    found = {"single": Plan(Kind.CLOSED, http=doors.single)}
    if doors.batch:
        found["batch"] = Plan(Kind.CLOSED, http=doors.batch, connections=8)
    if doors.commands:
        found["commands"] = Plan(Kind.COMMANDS, amqp=doors.commands)
    return found


def told(numbers: Numbers) -> str:
    """One line about a round, for who waits."""
    said = f"{numbers['single/jobs_per_second']:6.0f} jobs/s, {numbers['single/cpu']:.2f} ms of CPU"
    for door in ("batch", "commands"):
        if rate := numbers.get(f"{door}/jobs_per_second"):
            said += f"; {door} {rate:.0f} jobs/s"
    return f"{said}; idle p50 {numbers['idle/ready/p50']:.1f} ms"
