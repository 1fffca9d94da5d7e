"""What computes: through the whole pipeline, against a bare process pool on the same cores."""

from collections.abc import Callable, Mapping
from typing import Any

from services.generator.generators.art import ArtGenerator
from services.generator.generators.card import CardGenerator
from shared.generators import Generator
from tests.benchmarks.client.plans import Kind, Plan
from tests.benchmarks.darkroom import Darkroom
from tests.benchmarks.measuring import Meter, Numbers, sized
from tests.benchmarks.options import Options
from tests.benchmarks.pool import BarePool
from tests.benchmarks.report.result import Series
from tests.benchmarks.servers import BenchmarkServers
from tests.benchmarks.system import running

KINDS: Mapping[str, type[Generator[Any]]] = {"art": ArtGenerator, "card": CardGenerator}
_SEEDS = 64
_WARM_UP = 8
Say = Callable[[str], None]


async def measure(servers: BenchmarkServers, options: Options, say: Say) -> Mapping[str, Series]:
    """Pool and pipeline in turn, for each generator."""
    rounds: dict[str, list[Numbers]] = {}
    for number in range(options.rounds):
        for name in KINDS:
            bare = in_pool(name, options)
            piped = await _in_pipeline(name, int(bare["jobs"]), servers)
            rounds.setdefault(f"{name}/pool", []).append(bare)
            rounds.setdefault(f"{name}/pipeline", []).append(piped)
            share = piped["jobs_per_second"] / bare["jobs_per_second"]
            say(f"round {number + 1} of {options.rounds}  {name}: {share:.1%} of a bare pool")
    return {name: Series(name.replace("/", ", "), found) for name, found in rounds.items()}


def inputs(name: str) -> list[dict[str, Any]]:
    """The generator's own example with other seeds: no two pictures in a row are the same."""
    return [{**KINDS[name].example, "seed": seed} for seed in range(_SEEDS)]


def in_pool(name: str, options: Options) -> Numbers:
    """The generator's own function in as many processes as there are cores, nothing around it."""
    given = inputs(name)
    with BarePool(KINDS[name]) as pool:
        rate = _WARM_UP / pool.run(given[:_WARM_UP])
        rate = _WARM_UP / pool.run(given[:_WARM_UP])
        jobs = sized(Plan(Kind.CLOSED), rate, options.seconds, _few(options)).jobs
        seconds = pool.run([given[number % _SEEDS] for number in range(jobs)])
    return {"jobs": float(jobs), "seconds": seconds, "jobs_per_second": jobs / seconds}


def _few(options: Options) -> int | None:
    """A picture takes its time: `--jobs` is meant for jobs that cost nothing."""
    return None if options.jobs is None else max(options.jobs // 10, 10)


async def _in_pipeline(name: str, jobs: int, servers: BenchmarkServers) -> Numbers:
    bodies = [{"generator": name, "input": given} for given in inputs(name)]
    async with servers.cut() as mine, running(Darkroom(bodies=bodies), mine) as system:
        meter = Meter(system, servers)
        plan = Plan(Kind.CLOSED, http=system.doors.single, jobs=_WARM_UP)
        await meter.throughput(plan, 10.0)
        return await meter.throughput(sized(plan, 1, 1, jobs), 10.0)
