"""Taskiq, as the suite starts it."""

from collections.abc import Sequence
from typing import ClassVar

from tests.benchmarks.peers.peer import Peer


class TaskiqPeer(Peer):
    """FastAPI, taskiq-aio-pika on a quorum queue with confirms, a pool of asyncpg."""

    name: ClassVar[str] = "taskiq"
    title: ClassVar[str] = "Taskiq"
    guarantees: ClassVar[str] = (
        "A job whose worker dies is run again. A job accepted while the broker or the API fails "
        "between commit and publish stays queued for ever; a failed one is not tried again."
    )
    packages: ClassVar[Sequence[str]] = ("taskiq", "taskiq-aio-pika", "aio-pika", "asyncpg")

    def worker(self, package: str) -> Sequence[str]:
        """Two processes, acknowledging when the work is done: both are defaults."""
        return ("-m", "taskiq", "worker", f"{package}.tasks:broker", "--log-level", "WARNING")
