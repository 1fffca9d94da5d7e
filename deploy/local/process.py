"""Child processes on a leash: they end when the process that started them ends, however that
happens.

Used by everything here that starts something (``postgres``, ``rabbitmq``, ``containers``,
``supervisor``). On Linux the kernel sends the ``death_signal`` when the parent is gone, even after
``kill -9``. It watches the *thread* that started the child: start from a thread that lives as long
as the child should, best the main one.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil

from deploy.local.errors import LocalStackError, tail
from shared.service.scheduling import finish_before_others

_PR_SET_PDEATHSIG = 1
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LOOK_EVERY = 0.05


@dataclass(frozen=True)
class ProcessSpec:
    """How to start one process, and how it wants to be stopped."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    grace: timedelta = timedelta(seconds=20)


def spawn(spec: ProcessSpec) -> "subprocess.Popen[bytes]":
    """Start the process, its output in its log; a Ctrl-C in our terminal is not for it."""
    spec.log.parent.mkdir(parents=True, exist_ok=True)
    with spec.log.open("ab") as log:
        return subprocess.Popen(
            list(spec.command),
            env=dict(spec.environment),
            cwd=spec.folder,
            user=spec.user,
            group=spec.user,
            extra_groups=[] if spec.user else None,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=leash(spec.death_signal),  # noqa: PLW1509
        )


def wait_started(
    name: str,
    is_ready: Callable[[], bool],
    process: "subprocess.Popen[bytes] | None",
    log: Path,
    within: timedelta,
) -> None:
    """Until it is ready; raises with the end of its log when it dies or takes longer."""
    deadline = time.monotonic() + within.total_seconds()
    while not is_ready():
        dead = process is not None and process.poll() is not None
        if dead or time.monotonic() > deadline:
            raise LocalStackError(f"{name} did not start:\n{tail(log)}")
        time.sleep(_LOOK_EVERY)


def stop(process: "subprocess.Popen[bytes]", spec: ProcessSpec) -> None:
    """Ask the process to end, wait for its grace time, then kill it with all it started."""
    request_stop(process, spec)
    with suppress(subprocess.TimeoutExpired):
        process.wait(spec.grace.total_seconds())
    kill(process)


def request_stop(process: "subprocess.Popen[bytes]", spec: ProcessSpec) -> None:
    """Ask the process to end, in the way it understands; does not wait."""
    if process.poll() is None:
        process.send_signal(spec.stop_signal)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End the process and its process group at once."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def birth(pid: int) -> str | None:
    """The moment a process began: with its pid, its identity. Clocks that are set do not change it.

    On Linux that is the boot and the clock ticks since then (proc(5), field 22 of `stat`).
    """
    try:
        if sys.platform != "linux":
            return str(psutil.Process(pid).create_time())
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return f"{_BOOT_ID.read_text().strip()}:{after_name[19]}"
    except (OSError, psutil.Error):
        return None


def leash(death_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes the program: bind its life to that of this thread.

    It also joins those that let each other finish their turns (`shared.service.scheduling`).
    """
    if sys.platform != "linux":
        return None
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def attach() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal))
        finish_before_others()
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return attach


def end_with_parent() -> None:
    """Let this process be told to end (SIGTERM) when the one that started it has ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
