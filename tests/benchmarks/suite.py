"""Every benchmark: how it is run, told and drawn."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import (
    api,
    comparison,
    fairness,
    generators,
    growth,
    listeners,
    profile,
    scale,
)
from tests.benchmarks.errors import BenchmarkError
from tests.benchmarks.options import Options
from tests.benchmarks.report import api as api_report
from tests.benchmarks.report import comparison as comparison_report
from tests.benchmarks.report import fairness as fairness_report
from tests.benchmarks.report import generators as generators_report
from tests.benchmarks.report import growth as growth_report
from tests.benchmarks.report import listeners as listeners_report
from tests.benchmarks.report import profile as profile_report
from tests.benchmarks.report import scale as scale_report
from tests.benchmarks.report.page import fill
from tests.benchmarks.report.result import Result, Series
from tests.benchmarks.report.surroundings import described, surroundings
from tests.benchmarks.report.table import Table
from tests.benchmarks.servers import BenchmarkServers, benchmark_servers

Say = Callable[[str], None]
Measure = Callable[[BenchmarkServers, Options, Say], Awaitable[Mapping[str, Series]]]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One of them."""

    about: str
    measure: Measure
    table: Callable[[Result], Table]
    plot: Callable[[Result, Path], None]


BENCHMARKS: Mapping[str, Benchmark] = {
    "comparison": Benchmark(
        "Darkroom, other task queues and the floor: throughput, CPU, latency, memory",
        comparison.measure,
        comparison_report.table,
        comparison_report.plot,
    ),
    "growth": Benchmark(
        "what a job costs among many stored or waiting ones",
        growth.measure,
        growth_report.table,
        growth_report.plot,
    ),
    "generators": Benchmark(
        "pictures through the pipeline, against the same function in a bare process pool",
        generators.measure,
        generators_report.table,
        generators_report.plot,
    ),
    "api": Benchmark(
        "how long a 202 takes at 25, 50 and 80 % of the maximum",
        api.measure,
        api_report.table,
        api_report.plot,
    ),
    "listeners": Benchmark(
        "a thousand idle streams of events: memory, and how long a 202 takes meanwhile",
        listeners.measure,
        listeners_report.table,
        listeners_report.plot,
    ),
    "scale": Benchmark(
        "jobs that only wait, in 1, 2 and 4 generator processes",
        scale.measure,
        scale_report.table,
        scale_report.plot,
    ),
    "fairness": Benchmark(
        "what somebody waits for who comes after a tenant with thousands of jobs",
        fairness.measure,
        fairness_report.table,
        fairness_report.plot,
    ),
    "profile": Benchmark(
        "where the CPU of a job goes, room by room",
        profile.measure,
        profile_report.table,
        profile_report.plot,
    ),
}


async def run(name: str, options: Options, say: Say) -> None:
    """Measure, and keep every number of every round."""
    found = surroundings()
    if name == "comparison":
        found["versions"] |= comparison.versions(options)
    with benchmark_servers(options.folder) as servers:
        found["versions"] |= await servers.versions()
        say(f"{name}: {described(found)}")
        series = await BENCHMARKS[name].measure(servers, options, say)
    said = {"rounds": options.rounds, "jobs": options.jobs, "seconds": options.seconds}
    Result(name, series, {**found, "options": said}).write(options.results / "results")


def publish(name: str, options: Options, say: Say) -> None:
    """Table, plot and page from what was kept. Raises `BenchmarkError` when nothing was."""
    kept = options.results / "results" / f"{name}.json"
    if not kept.exists():
        raise BenchmarkError(f"there is no {kept}: run this benchmark first, without --redraw")
    result = Result.read(kept)
    table = BENCHMARKS[name].table(result)
    say(f"\n{table.text()}\n\n{kept}")
    plot = options.results / f"{name}.png"
    try:
        BENCHMARKS[name].plot(result, plot)
        say(str(plot))
    except ImportError as error:
        say(f"no plot: {error.name} is missing (deploy/bootstrap --bench installs it)")
    page = options.results / "README.md"
    if page.exists():
        fill(page, name, section(result, table, plot))
        if name == "comparison":
            fill(page, "systems", comparison_report.guarantees(result).markdown())


def section(result: Result, table: Table, plot: Path) -> str:
    """What the page shows of one benchmark."""
    picture = [f"![{result.benchmark}]({plot.name})"] if plot.exists() else []
    where = f"{described(dict(result.surroundings))}; {_medians_of(result)}."
    return "\n\n".join([*picture, table.markdown(), where])


def _medians_of(result: Result) -> str:
    rounds = max(len(series.rounds) for series in result.series.values())
    return "one round" if rounds == 1 else f"medians of {rounds} rounds"
