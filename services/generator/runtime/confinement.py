"""What a child process may not do: use the network, outlive its worker, eat the machine.

Everything here is for the child itself, right after its start, while it has one thread. Sources:
unshare(2), prctl(2), setrlimit(2), user_namespaces(7).
"""

import contextlib
import ctypes
import os
import resource
import signal
import socket
from pathlib import Path
from typing import Any, NoReturn

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_NICENESS = 5
"""Children give way to the worker's event loop, which keeps their leases."""


def confine(worker: int) -> str:
    """Confine this process for good; `worker` is the process id of its parent.

    Answers how the network was taken away: `namespace` or (where the system forbids that)
    `patched`: Python's sockets refuse to work.
    """
    without = "namespace" if _leave_network() else "patched"
    if without == "patched":
        _refuse_sockets()
    die_with(worker)
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    return without


def die_with(worker: int) -> None:
    """Be killed when the worker dies, however it dies."""
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != worker:
        os.kill(os.getpid(), signal.SIGKILL)


def limit(*, memory_bytes: int, output_bytes: int, cpu_seconds: int) -> None:
    """Limits of the run that begins; soft ones, because the next run has others.

    Past them: allocations fail, writes fail, or (processor time) the process is killed.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, output_bytes)
    _limit(resource.RLIMIT_CPU, spent + cpu_seconds)


def _limit(which: int, soft: int) -> None:
    _, hard = resource.getrlimit(which)
    wanted = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(which, (wanted, hard))


def _leave_network() -> bool:
    """Move into an empty network namespace, where there is not even a loopback."""
    libc, user, group = _libc(), os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def _refuse_sockets() -> None:
    class NoSocket(socket.socket):
        def __init__(self, family: int = -1, *rest: Any, **named: Any) -> None:
            if family != socket.AF_UNIX:
                raise PermissionError("generators have no network")
            super().__init__(family, *rest, **named)

    def no_lookup(*_: Any, **__: Any) -> NoReturn:
        raise PermissionError("generators have no network")

    socket.socket = NoSocket  # type: ignore[misc]
    socket.getaddrinfo = no_lookup


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
