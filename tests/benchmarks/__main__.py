"""`python -m tests.benchmarks`, see ``--help``; `make bench` calls it."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from deploy.local.errors import LocalStackError
from tests.benchmarks.errors import BenchmarkError
from tests.benchmarks.options import Options
from tests.benchmarks.suite import BENCHMARKS, publish, run

_QUICK_RESULTS = Path(".darkroom/benchmarks")
_say = partial(print, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 for what went wrong, 130 after Ctrl-C."""
    told = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = list(BENCHMARKS) if told.benchmark == "all" else [told.benchmark]
    options = _options(told)
    try:
        for name in wanted:
            if not told.redraw:
                asyncio.run(run(name, options, _say))
            publish(name, options, _say)
    except (BenchmarkError, LocalStackError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("benchmarks: interrupted; everything that was started is stopped", file=sys.stderr)
        return 130
    return 0


def _options(told: argparse.Namespace) -> Options:
    options = Options.quick() if told.quick else Options()
    if told.quick:
        options = replace(options, results=_QUICK_RESULTS)
    said = {name: value for name in _FIELDS if (value := getattr(told, name)) is not None}
    return replace(options, **said)


_FIELDS = ("rounds", "jobs", "seconds", "systems", "folder", "results")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure Darkroom on a RabbitMQ and a Postgres that are started for it, and "
        "keep the result: a table here, JSON, a plot and a page in docs/performance.",
        epilog="\n".join(f"  {name:11} {one.about}" for name, one in BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("benchmark", nargs="?", default="comparison", choices=[*BENCHMARKS, "all"])
    add("--quick", action="store_true", help="one small round: does it work? (not in docs/)")
    add("--rounds", type=int, metavar="N", help="paired rounds (5)")
    add("--jobs", type=int, metavar="N", help="jobs of each measurement; by default by time")
    add("--seconds", type=float, metavar="S", help="about how long each measurement lasts (8)")
    add("--systems", type=_names, metavar="A,B", help="of the comparison, only these")
    add("--folder", type=Path, help="where the servers' data are while they run")
    add("--results", type=Path, help="where to keep results (docs/performance)")
    add("--redraw", action="store_true", help="only table and plot again, from the kept JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
