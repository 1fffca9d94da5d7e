"""Taking a stack's servers away: gone (they refuse), or hanging (they accept, and never answer).

Works on the embedded servers, which are processes of ours; containers are left alone.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

import httpx
import psutil
import pytest

from deploy.local.rabbitmq_program import get_server
from deploy.local.stack import LocalStack
from shared.testing import eventually_sync

SERVICES = ("api", "generator", "notifier")
OUTAGE_SECONDS = float(os.environ.get("DARKROOM_TEST_OUTAGE_SECONDS", "10"))

Server = Literal["rabbitmq", "postgres"]
How = Literal["gone", "hanging"]


class Processes:
    """The processes of one stack, from the outside."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack

    def of(self, name: str) -> psutil.Process:
        """The main process of a service or a server, as it is now."""
        pids = self._stack.info.pids[name]
        pid = pids[0] if isinstance(pids, list) else pids
        if pid is None:
            pytest.skip(f"{name} is no process of this stack")
        return psutil.Process(pid)

    @property
    def supervisor(self) -> psutil.Process:
        """The only process that this one started and the stack's api descends from."""
        [supervisor] = set(self.of("api").parents()) & set(psutil.Process().children())
        return supervisor

    def address(self, service: str) -> str:
        """Where a service answers."""
        port = self.of(service).environ()[f"DARKROOM_{service.upper()}_PORT"]
        return f"http://127.0.0.1:{port}"

    def health(self, service: str, kind: str = "ready") -> httpx.Response:
        return httpx.get(f"{self.address(service)}/health/{kind}", timeout=30)

    def must_be_ready(self) -> None:
        for service in SERVICES:
            answer = self.health(service)
            assert answer.status_code == 200, f"{service}: {answer.text}"

    def must_not_be_ready(self, check: str, *services: str) -> None:
        """Not ready because of this check, but alive."""
        for service in services or SERVICES:
            assert self.health(service, "live").status_code == 200, service
            answer = self.health(service)
            assert answer.status_code == 503, f"{service}: {answer.text}"
            assert answer.json()["checks"][check] != "ok", f"{service}: {answer.text}"
            assert answer.json()["since"][check], f"{service}: {answer.text}"

    def wait_until_ready(self, timeout: float = 90) -> float:
        """Until all services are; how long that took."""
        begun = time.monotonic()
        eventually_sync(self.must_be_ready, timeout=timeout)
        return time.monotonic() - begun

    @contextmanager
    def away(self, server: Server, how: How) -> Iterator[None]:
        """Without this server; afterwards it is back, and every service is ready again."""
        with self._hanging(server) if how == "hanging" else self._gone(server):
            yield
        self.wait_until_ready()

    @contextmanager
    def _hanging(self, server: Server) -> Iterator[None]:
        main = self.of(server)
        family = [main, *main.children(recursive=True)]
        _all(family, signal.SIGSTOP)
        try:
            yield
        finally:
            _all(family, signal.SIGCONT)

    @contextmanager
    def _gone(self, server: Server) -> Iterator[None]:
        """Killed, and not started again as long as the supervisor sleeps."""
        supervisor, main = self.supervisor, self.of(server)
        supervisor.suspend()
        try:
            os.killpg(main.pid, signal.SIGKILL)
            yield
        finally:
            supervisor.resume()

    def rabbitmqctl(self, *words: str) -> None:
        """Tell the stack's broker something."""
        environment = self.of("rabbitmq").environ()
        done = subprocess.run(
            [str(get_server().with_name("rabbitmqctl")), "-q", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr


def _all(family: list[psutil.Process], number: signal.Signals) -> None:
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def wait_until(moment: float) -> None:
    """Until that reading of the monotonic clock: an outage has the length it is said to have."""

    def has_come() -> None:
        assert time.monotonic() >= moment

    eventually_sync(has_come, timeout=max(1.0, moment - time.monotonic() + 1.0))


def wait_until_later(seconds: float) -> None:
    """Let an outage last."""
    wait_until(time.monotonic() + seconds)
