"""Celery as its documentation advises, as the suite starts it."""

from collections.abc import Sequence
from typing import ClassVar

from tests.benchmarks.peers.peer import Peer


class CeleryTuned(Peer):
    """FastAPI, Celery with late acks on a quorum queue with confirms, a pooled engine."""

    name: ClassVar[str] = "celery-tuned"
    title: ClassVar[str] = "Celery, tuned"
    guarantees: ClassVar[str] = (
        "A job whose worker dies is run again. A job accepted while the broker or the API fails "
        "between commit and publish stays queued for ever; a failed one is not tried again."
    )
    packages: ClassVar[Sequence[str]] = ("celery", "kombu", "amqp", "sqlalchemy", "psycopg")

    def worker(self, package: str) -> Sequence[str]:
        """A prefork pool of as many processes as there are cores."""
        return ("-m", "celery", "-A", f"{package}.tasks:app", "worker", "--concurrency", "2")
