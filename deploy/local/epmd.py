"""A private epmd: the daemon by which the Erlang nodes of one machine find each other's ports.

Erlang would start one by itself, which outlives the node and is shared with everybody. Ours has a
port of its own, listens on the loopback interface only and is a child process like the others.
"""

import os
import socket
import subprocess
import time
from datetime import timedelta
from pathlib import Path

from deploy.local.errors import LocalStackError, tail
from deploy.local.process import ProcessSpec, kill, spawn
from deploy.local.rabbitmq_program import get_epmd

_START_LIMIT = timedelta(seconds=10)


class Epmd:
    """One epmd, for one RabbitMQ node or for several that make a cluster."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def spec(self) -> ProcessSpec:
        command = [get_epmd(), "-port", str(self.port), "-address", "127.0.0.1"]
        environment = {"PATH": os.environ.get("PATH", os.defpath)}
        return ProcessSpec("epmd", command, self._log, environment)

    def start(self) -> None:
        self._process = spawn(self.spec())
        self.wait_ready()

    def wait_ready(self) -> None:
        deadline = time.monotonic() + _START_LIMIT.total_seconds()
        while not self.is_ready():
            dead = self._process is not None and self._process.poll() is not None
            if dead or time.monotonic() > deadline:
                raise LocalStackError(f"epmd did not start:\n{tail(self._log)}")
            time.sleep(0.02)

    def is_ready(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """At once: it keeps nothing."""
        if self._process:
            kill(self._process)
            self._process = None
