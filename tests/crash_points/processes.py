"""A service as a process, forked from one that has everything imported already.

Starting Python and importing a service takes seconds, and here it is done a hundred times: so a
fork server has imported all three, and a process of it begins where `python -m` would.
"""

import os
import signal
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from shared.testing import eventually_sync
from tests.crash_points.launcher import AT, BY, run
from tests.crash_points.trap import reached

_PRELOADED = [
    "services.api.app",
    "services.generator.app",
    "services.notifier.app",
    "tests.crash_points.launcher",
]
PATIENCE = 60

_forks = get_context("forkserver")
_forks.set_forkserver_preload(_PRELOADED)


class ServiceProcess:
    """`services.<service> serve`; each start is another process, all write one log."""

    def __init__(self, service: str, environment: Mapping[str, str], log: Path) -> None:
        self.service = service
        self._environment = environment
        self._log = log
        self._log.touch()
        self._read_from = 0
        self._process: ForkServerProcess | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """As it is."""
        self._read_from = self._log.stat().st_size
        given = {**self._environment, **(settings or {})}
        arguments = [f"services.{self.service}", "serve"]
        self._process = _forks.Process(target=run, args=(arguments, given, self._log), daemon=True)
        self._process.start()

    def start_armed(
        self, point: str, settings: Mapping[str, str], by: signal.Signals = signal.SIGKILL
    ) -> None:
        """With a trap at its first pass by the point."""
        self.start({**settings, AT: f"{point}:1", BY: by.name})

    @property
    def pid(self) -> int:
        """Of the last that was started."""
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self.alive:
            self.signal(signal.SIGKILL)
            self._wait()

    def must_die_at(self, point: str) -> None:
        """Wait until it has killed itself, there and nowhere else."""
        code = self._wait()
        assert code == -signal.SIGKILL, f"it ended with {code} instead:\n{self.told}"
        assert reached(point, signal.SIGKILL) in self.told, self.told

    def must_have_stopped_at(self, point: str) -> None:
        """It is paused there now."""
        self.must_have_told(reached(point, signal.SIGSTOP))

    def must_have_told(self, words: str) -> None:
        """They are in its log since the last start."""
        assert words in self.told, self.told

    def end_well(self) -> None:
        """SIGTERM, once it takes from its queues: it handles what it has taken, and exits 0."""
        eventually_sync(lambda: self.must_have_told("broker.connected"), PATIENCE)
        self.signal(signal.SIGTERM)
        code = self._wait()
        assert code == 0, f"it ended with {code}:\n{self.told}"

    @property
    def told(self) -> str:
        """Its log since the last start."""
        with self._log.open() as log:
            log.seek(self._read_from)
            return log.read()

    def _wait(self) -> int | None:
        assert self._process is not None
        self._process.join(PATIENCE)
        return self._process.exitcode
