"""Dramatiq, as the suite starts it."""

from collections.abc import Sequence
from typing import ClassVar

from tests.benchmarks.peers.peer import Peer


class DramatiqPeer(Peer):
    """FastAPI, Dramatiq on a durable queue with confirms, a pool of psycopg."""

    name: ClassVar[str] = "dramatiq"
    title: ClassVar[str] = "Dramatiq"
    guarantees: ClassVar[str] = (
        "A job whose worker dies is run again, a failed one is tried again with a growing delay. "
        "A job accepted while the broker or the API fails between commit and publish stays queued "
        "for ever."
    )
    packages: ClassVar[Sequence[str]] = ("dramatiq", "pika", "psycopg", "psycopg-pool")

    def worker(self, package: str) -> Sequence[str]:
        """A process a core, eight threads each: both are defaults."""
        return ("-m", "dramatiq", f"{package}.tasks", "--processes", "2", "--threads", "8")
