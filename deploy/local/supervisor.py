"""Keeps processes running: starts one again when it dies, and ends them all in order.

Knows nothing of what the processes are: ``session`` says so. Single-threaded: ``tend`` is called
several times a second. What it started is written down (``process_record``) after every change.
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from deploy.local.process import ProcessSpec, kill, request_stop, spawn
from deploy.local.process_record import ProcessRecord

_FIRST_DELAY = timedelta(milliseconds=250)
_LONGEST_DELAY = timedelta(seconds=10)
_STABLE_AFTER = timedelta(seconds=30)


@dataclass
class _Watched:
    spec: ProcessSpec
    process: "subprocess.Popen[bytes]"
    started: float
    deaths: int = 0
    start_again_at: float | None = field(default=None)


class Supervisor:
    """A set of named processes, in the order in which they were launched."""

    def __init__(
        self,
        record: ProcessRecord,
        say: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        own_pid: int,
        longest_delay: timedelta = _LONGEST_DELAY,
    ) -> None:
        self._record = record
        self._say = say
        self._clock = clock
        self._own_pid = own_pid
        self._longest_delay = longest_delay
        self._watched: dict[str, _Watched] = {}

    def launch(self, spec: ProcessSpec) -> None:
        """Start the process and keep it running from now on."""
        self._watched[spec.name] = _Watched(spec, spawn(spec), self._clock())
        self._write_record()

    def pid(self, name: str) -> int | None:
        watched = self._watched.get(name)
        return watched.process.pid if watched else None

    def is_alive(self, name: str) -> bool:
        watched = self._watched.get(name)
        return watched is not None and watched.process.poll() is None

    def tend(self) -> bool:
        """Notice who died, and start again whose time has come; whether anything was started."""
        started = [watched for watched in self._watched.values() if self._tend(watched)]
        if started:
            self._write_record()
        return bool(started)

    def stop(self, names: Sequence[str]) -> None:
        """End these processes: all are asked at once, and each has its own grace time."""
        leaving = [self._watched.pop(name) for name in names if name in self._watched]
        deadlines = [
            (watched, self._clock() + watched.spec.grace.total_seconds()) for watched in leaving
        ]
        for watched in leaving:
            request_stop(watched.process, watched.spec)
        for watched, deadline in deadlines:
            self._see_out(watched, deadline)
        self._write_record()

    def stop_all(self) -> None:
        """The last launched first, one after the other."""
        for name in reversed(list(self._watched)):
            self.stop([name])

    def _tend(self, watched: _Watched) -> bool:
        now = self._clock()
        if watched.process.poll() is None:
            return False
        if watched.start_again_at is None:
            self._plan_restart(watched, now)
        if watched.start_again_at is None or now < watched.start_again_at:
            return False
        watched.process = spawn(watched.spec)
        watched.started, watched.start_again_at = now, None
        self._say(f"{watched.spec.name}: started again, pid {watched.process.pid}")
        return True

    def _plan_restart(self, watched: _Watched, now: float) -> None:
        kill(watched.process)  # what it started may still be there
        stable = now - watched.started > _STABLE_AFTER.total_seconds()
        watched.deaths = 0 if stable else watched.deaths
        delay = min(
            _FIRST_DELAY * 2 ** min(watched.deaths, 16), self._longest_delay
        ).total_seconds()
        watched.deaths += 1
        watched.start_again_at = now + delay
        code = watched.process.returncode
        self._say(f"{watched.spec.name}: ended ({_how(code)}); starting again in {delay:g} s")

    def _see_out(self, watched: _Watched, deadline: float) -> None:
        try:
            watched.process.wait(max(0.0, deadline - self._clock()))
        except subprocess.TimeoutExpired:
            self._say(f"{watched.spec.name}: did not stop in its grace time and is killed")
        kill(watched.process)

    def _write_record(self) -> None:
        pids = {name: watched.process.pid for name, watched in self._watched.items()}
        self._record.write({"supervisor": self._own_pid, **pids})


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
