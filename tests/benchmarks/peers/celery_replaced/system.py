"""The replaced design, as the suite starts it."""

from collections.abc import Sequence
from typing import ClassVar

from tests.benchmarks.peers.peer import Peer


class CeleryReplaced(Peer):
    """FastAPI, Celery with its defaults, SQLModel, an event loop and an engine for every task."""

    name: ClassVar[str] = "celery-replaced"
    title: ClassVar[str] = "Celery, as replaced"
    guarantees: ClassVar[str] = (
        "A row says that a job was accepted, and no more: a broker or API that fails between "
        "commit and publish strands it as pending, a worker that dies as pending or processing."
    )
    packages: ClassVar[Sequence[str]] = ("celery", "kombu", "sqlmodel", "asyncpg", "asgiref")
    table: ClassVar[str] = ""
    """Its API makes it, from the models."""
    final: ClassVar[Sequence[str]] = ("completed", "failed")

    def worker(self, package: str) -> Sequence[str]:
        """A prefork pool of as many processes as there are cores."""
        return ("-m", "celery", "-A", f"{package}.tasks:app", "worker", "--concurrency", "2")
