"""Starting and stopping the local stack: what `darkroom up`, `make run` and the tests call.

The stack itself lives in a process of its own (``supervise``). Attached, it ends with the process
that started it, however that ends; detached, it stays until ``down``. In tests::

    with LocalStack(home) as stack:
        httpx.get(f"{stack.info.api}/v1/generators")
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from deploy.local.errors import LocalStackError, tail
from deploy.local.home import StackHome
from deploy.local.journal import ERROR, READY
from deploy.local.process import leash
from deploy.local.settings import CHECKOUT, local_settings
from deploy.local.stack_file import StackInfo, read_stack_file, remove_stack_file

__all__ = ["LocalStack", "StackInfo", "default_home", "down", "read_stack", "up"]

Say = Callable[[str], None]
_STOP_WITHIN = timedelta(seconds=90)


class LocalStack:
    """One local stack, started by this process; start it from the main thread."""

    def __init__(self, home: Path, environment: Mapping[str, str] | None = None) -> None:
        self._home = StackHome(home)
        self._environment = {**os.environ, **(environment or {})}
        self._supervisor: subprocess.Popen[str] | None = None
        self._info: StackInfo | None = None

    @property
    def info(self) -> StackInfo:
        """Where everything is now: process ids change when something is started again."""
        info = read_stack_file(self._home.path) or self._info
        if info is None:
            raise LocalStackError("the stack was not started")
        return info

    def start(self, *, detach: bool = False, say: Say = lambda _: None) -> StackInfo:
        """Start everything and wait until it is ready; ``say`` hears of every step."""
        self._home.prepare()
        self._supervisor = self._spawn(detach=detach)
        try:
            self._info = self._await_ready(self._supervisor, say)
        except BaseException:
            self.stop()
            raise
        return self._info

    def wait(self) -> int:
        """Until the supervisor ends by itself or by ``down``; its exit code."""
        return self._supervisor.wait() if self._supervisor else 0

    def stop(self) -> None:
        """End everything in order, and wait for it; an impatient second Ctrl-C changes nothing."""
        if self._supervisor is None:
            return
        with self._supervisor as supervisor, _deaf_to_interrupts():
            supervisor.terminate()
            try:
                supervisor.wait(_STOP_WITHIN.total_seconds())
            except subprocess.TimeoutExpired:
                supervisor.kill()  # what it started dies with it
        self._supervisor = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _spawn(self, *, detach: bool) -> "subprocess.Popen[str]":
        with (self._home.logs / "supervisor.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "deploy.local.supervise"],
                env={**self._environment, "DARKROOM_HOME": str(self._home.path)},
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=None if detach else leash(signal.SIGTERM),  # noqa: PLW1509
            )

    def _await_ready(self, supervisor: "subprocess.Popen[str]", say: Say) -> StackInfo:
        assert supervisor.stdout is not None
        complaint: list[str] = []
        for line in map(str.rstrip, supervisor.stdout):
            if line == READY:
                return self.info
            if line.startswith(ERROR) or complaint:
                complaint.append(line.removeprefix(ERROR))
            else:
                say(line)
        raise LocalStackError("\n".join(complaint) or tail(self._home.logs / "supervisor.log"))


def default_home() -> Path:
    """`DARKROOM_HOME`, or `.darkroom` in the checkout."""
    return local_settings().home


def up(
    home: Path,
    *,
    detach: bool,
    say: Say = print,
    on_ready: Callable[[StackInfo], None] | None = None,
) -> StackInfo:
    """Start the stack of that folder; a running one is left as it is when ``detach`` is set.

    Attached, this returns when the stack has ended: by Ctrl-C, SIGTERM or ``down``.
    """
    running = read_stack(home)
    if running and detach:
        say(f"a stack runs already: {running.api}")
        return running
    stack = LocalStack(home)
    info = stack.start(detach=detach, say=say)
    if on_ready:
        on_ready(info)
    if not detach:
        stay(stack)
    return info


def stay(stack: LocalStack) -> None:
    """Until Ctrl-C, SIGTERM, a closed terminal or ``down``; then end the stack in order."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        code = stack.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        stack.stop()
    if code:
        raise LocalStackError(f"the stack's supervisor ended unexpectedly ({code})")


def down(home: Path, *, say: Say = lambda _: None) -> bool:
    """Stop the stack of that folder, and clear away what a killed one left; False: none ran."""
    folder = StackHome(home)
    supervisor = folder.record.running().get("supervisor")
    if supervisor and folder.is_running():
        say("stopping")
        supervisor.terminate()
        psutil.wait_procs([supervisor], timeout=_STOP_WITHIN.total_seconds())
    left = folder.record.sweep()
    remove_stack_file(folder.path)
    return supervisor is not None or bool(left)


def read_stack(home: Path) -> StackInfo | None:
    """Where the running stack of that folder is, or None when none runs (or is not ready yet)."""
    return read_stack_file(home) if StackHome(home).is_running() else None


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    former = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
