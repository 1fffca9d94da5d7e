"""Starts a service that dies at a point.

    python -m tests.crash_points.launcher services.api serve

`DARKROOM_CRASH_AT` names the point and the pass (`generator-relay-confirmed:1`); without it the
service runs as it is. `DARKROOM_CRASH_BY=SIGSTOP` pauses the process there instead of killing it.
A point that is unknown, or whose seam is gone, ends the process with an error before it serves.
"""

import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.database.unit_of_work import UnitOfWork
from tests.crash_points.points import point
from tests.crash_points.trap import Trap, signaling

AT = "DARKROOM_CRASH_AT"
BY = "DARKROOM_CRASH_BY"


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Set the trap, if there is one to set, and run the service's own main."""
    package, *rest = arguments
    if wanted := environment.get(AT):
        name, _, nth = wanted.partition(":")
        _commit_separately()
        strike = signaling(name, signal.Signals[environment.get(BY, "SIGKILL")])
        Trap(point(name).spot, int(nth or 1), strike).set()
    sys.argv = [f"-m {package}", *rest]
    runpy.run_module(package, run_name="__main__")


def _commit_separately() -> None:
    """A statement that is its own transaction gets the moment that Postgres has before its commit.

    So a death at that moment can be had in this process; what was promised is the same.
    """
    UnitOfWork.alone = lambda _: None  # type: ignore[assignment,method-assign]


def run(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """The same in a process that was forked for it: with an environment and a log of its own."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.environ.update(environment)
    sys.path[:0] = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    main(arguments, os.environ)


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
