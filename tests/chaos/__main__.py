"""`python -m tests.chaos run|plan`: what `make chaos` calls."""

import argparse
import asyncio
import logging
import os
import shutil
import signal
import sys
import tempfile
import warnings
from contextlib import ExitStack
from pathlib import Path

import uvloop
from rich.console import Console

from deploy.local.errors import LocalStackError
from tests.chaos.disk import StoreDisk
from tests.chaos.options import Options
from tests.chaos.plan import fault_plan, load_seconds
from tests.chaos.report import write_report
from tests.chaos.run import Result, Run
from tests.chaos.summary import log_lines, summarize
from tests.chaos.terminal import show
from tests.chaos.timeline import draw_timeline

_WHERE_FOR = 40


def main() -> int:
    """The exit code: 0 when everything held, 1 when a promise was broken."""
    arguments = _parser().parse_args()
    options = Options(
        jobs=arguments.jobs,
        faults=arguments.faults,
        seed=arguments.seed,
        nodes=arguments.cluster,
        report=arguments.report.absolute(),
    )
    if arguments.command == "plan":
        return _plan(options)
    return _run(options, arguments.logs)


def _parser() -> argparse.ArgumentParser:
    default = Options()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("command", choices=("run", "plan"))
    parser.add_argument("--jobs", type=int, default=default.jobs)
    parser.add_argument("--faults", type=int, default=default.faults)
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--cluster", type=int, default=1, choices=(1, 3), help="RabbitMQ nodes")
    parser.add_argument("--report", type=Path, default=default.report, help="folder")
    parser.add_argument("--logs", action="store_true", help="keep the logs with the report")
    return parser


def _plan(options: Options) -> int:
    """Say what would be done."""
    faults = fault_plan(options)
    for fault in faults:
        print(f"{fault.at:7.1f} s  {fault}")
    print(f"{load_seconds(faults, options.jobs):7.1f} s  the last of {options.jobs} orders")
    return 0


def _run(options: Options, keep_logs: bool) -> int:
    for chatty in ("aio_pika", "aiormq"):  # what is broken here is broken on purpose
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", "coroutine 'Connection.close'")  # aio-pika's, when cut off
    console = Console(width=None if sys.stdout.isatty() else 120, soft_wrap=False)
    with ExitStack() as leaving:
        home = Path(leaving.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-chaos-")))
        disk = StoreDisk(home / "store")
        disk.mount()
        leaving.callback(disk.unmount)
        run = Run(options, home, disk, lambda line: console.print(line, highlight=False))
        try:
            result = uvloop.run(_interruptible(run))
        except LocalStackError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        except (KeyboardInterrupt, asyncio.CancelledError):
            return 130
        _tell(console, result, home / "logs", keep_logs)
    return 1 if result.broken else 0


async def _interruptible(run: Run) -> Result:
    """A polite kill ends the run like Ctrl-C: nothing is left running."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await run.execute()


def _tell(console: Console, result: Result, logs: Path, keep_logs: bool) -> None:
    summary, folder = summarize(result), result.options.report
    found = [one for many in result.violations.values() for one in many][:_WHERE_FOR]
    where = {str(one): log_lines(logs, one.subject.rpartition(" ")[2]) for one in found}
    write_report(folder, summary, where)
    draw_timeline(result, folder / "timeline.png")
    if result.broken or keep_logs:
        shutil.copytree(logs, folder / "logs", dirs_exist_ok=True)
    show(console, summary, where)
    console.print(f"report: {os.path.relpath(folder / 'report.md')}")


if __name__ == "__main__":
    sys.exit(main())
