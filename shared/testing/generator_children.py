"""Running a generator in child processes: what comes out, and what is left when one is killed.

Neighbour: `generator_child` is their program.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from shared.generators import Generator
from shared.testing.generator_runs import NO_ASSETS, Assets, Input

PROGRAM = "shared.testing.generator_child"
_START_SECONDS = 120.0
_FIRST_WORD_SECONDS = 3.0
_IN_THE_MIDDLE = 0.4
_GONE_SECONDS = 5.0


@dataclass(slots=True)
class ChildReport:
    """What the child said: an outcome for each input, its most memory, and rules that were broken.

    An outcome has `digests` and `seconds`, or `refused`, or `failed`. `exit` is the process's.
    """

    outcomes: list[dict[str, Any]] = field(default_factory=list)
    peak: int = 0
    broken: list[str] = field(default_factory=list)
    exit: int = 0
    printed: str = ""


def run_in_child(
    generator: type[Generator[Any]],
    inputs: Sequence[Input],
    *,
    seed: int = 7,
    assets: Assets = NO_ASSETS,
) -> ChildReport:
    """All inputs, one after the other in one process, under the generator's declared limits."""
    most = _START_SECONDS + len(inputs) * generator.limits.wall_clock.total_seconds()
    report = ChildReport()
    with _child(generator, inputs, seed, assets) as (process, printed):
        with _ended_after(process, most):
            said, _ = process.communicate()
        report.exit, report.printed = process.returncode, printed.read_text(errors="replace")
    for news in map(json.loads, said.splitlines()):
        if news.keys() & {"digests", "refused", "failed"}:
            report.outcomes.append(news)
        elif "peak" in news:
            report.peak, report.broken = news["peak"], news["broken"]
    return report


def survivors_of_a_kill(
    generator: type[Generator[Any]], input: Input, *, assets: Assets = NO_ASSETS
) -> list[str]:
    """Kill a child in the middle of its work, with its process group, as the platform does.

    Answers the commands of processes that it had started and that still run.
    """
    with _child(generator, [input], 7, assets) as (process, _):
        with _ended_after(process, _START_SECONDS):
            _wait_until_it_works(process)
        started = _descendants(process.pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return _alive_after_a_while(started)


def reference_of(kind: type[Generator[Any]]) -> str:
    """How a child finds the class: `module:Class`."""
    return f"{kind.__module__}:{kind.__qualname__}"


@contextmanager
def _child(
    generator: type[Generator[Any]], inputs: Sequence[Input], seed: int, assets: Assets
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The process, and the file that gets what it prints; it is killed when the block is left."""
    with TemporaryDirectory() as folder, TemporaryDirectory() as scratch:
        paths = {name: Path(folder, str(number)) for number, name in enumerate(assets)}
        for name, path in paths.items():
            path.write_bytes(assets[name])
        order = {
            "generator": reference_of(generator),
            "inputs": [dict(one) for one in inputs],
            "seed": seed,
            "assets": {name: str(path) for name, path in paths.items()},
            "scratch": scratch,
        }
        Path(folder, "order.json").write_text(json.dumps(order))
        printed = Path(folder, "printed.txt")
        with Path(folder, "order.json").open() as told, printed.open("w") as paper:
            process = _started(told.fileno(), paper.fileno(), scratch)
        try:
            yield process, printed
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _started(told: int, paper: int, folder: str) -> subprocess.Popen[str]:
    path = os.pathsep.join(one or str(Path.cwd()) for one in sys.path)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", PROGRAM],
        stdin=told,
        stdout=subprocess.PIPE,
        stderr=paper,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )


@contextmanager
def _ended_after(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    """A child that hangs is killed, which ends whatever waits for it."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _wait_until_it_works(process: subprocess.Popen[str]) -> None:
    """Until a moment after it has told something, or has ended."""
    assert process.stdout is not None
    begun = process.stdout.readline()
    assert "begun" in begun, "the child has not come to its work"
    told, over = threading.Event(), threading.Event()
    threading.Thread(target=_hear, args=(process.stdout, told, over), daemon=True).start()
    told.wait(_FIRST_WORD_SECONDS)
    over.wait(_IN_THE_MIDDLE)


def _hear(news: IO[str], told: threading.Event, over: threading.Event) -> None:
    with contextlib.suppress(ValueError, OSError):  # closed meanwhile
        for line in news:
            told.set()
            if "told" not in line:
                break
    told.set()
    over.set()


def _descendants(pid: int) -> dict[int, str]:
    """The processes below this one, and their commands; none where the system does not say."""
    found: dict[int, str] = {}
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found[child] = _command(child)
                found |= _descendants(child)
    return found


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    return ""


def _alive_after_a_while(started: dict[int, str]) -> list[str]:
    end = time.monotonic() + _GONE_SECONDS
    while True:
        alive = [
            command for pid, command in started.items() if command and _command(pid) == command
        ]
        if not alive or time.monotonic() > end:
            return alive
        time.sleep(0.05)
