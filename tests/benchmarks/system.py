"""What a system must offer to be compared: started, asked for jobs, counted, stopped.

The suite gives every system the same RabbitMQ and Postgres, with a vhost and databases that nobody
has used before, and lets a client in a process of its own knock at its doors. Implemented by
``darkroom``, ``floor`` and each of ``peers``. One object is started and stopped once::

    async with running(system, servers):
        await run(client, system.doors.single)
        await until(lambda: system.finished() == jobs)

A job of the comparison makes next to nothing: it is accepted durably (a row), handed to a worker by
a durable queue, done, and its end recorded in a table that the HTTP door reads. What a system
promises beyond that, and what it does not, stands in its ``guarantees``.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

UNIQUE = "__UNIQUE__"
"""Replaced by a new UUID in every body that a client sends."""


@dataclass(frozen=True, slots=True)
class Servers:
    """RabbitMQ and Postgres for one run of one system.

    ``create_database("jobs")`` makes an empty database and answers its URL, `postgresql://…` with a
    socket folder as `host` in the query, which libpq, psycopg and asyncpg all understand.
    """

    amqp_url: str
    """Of a fresh vhost, for a user who may do everything there."""
    management_url: str
    """The management API, with name and password in it."""
    postgres_admin_url: str
    create_database: Callable[[str], str]
    folder: Path
    """For logs and files; gone after the run."""


@dataclass(frozen=True, slots=True)
class HttpDoor:
    """Where and how jobs are asked for over HTTP/1.1 with keep-alive.

    A POST is answered with 2xx and, at the single door, JSON with the job's `id`. A GET of
    ``status_path`` (`{id}` is replaced) is answered with JSON that has the job's `status`, read
    from the read model; a status in ``final`` will not change again.
    """

    url: str
    """`http://host:port`."""
    path: str
    bodies: Sequence[str]
    """JSON, sent in turn; ``UNIQUE`` in it is replaced."""
    jobs_per_call: int = 1
    status_path: str = "/jobs/{id}"
    final: Sequence[str] = ("ready", "failed")


@dataclass(frozen=True, slots=True)
class AmqpDoor:
    """Where commands are published that ask for one job each, persistent and with confirms."""

    url: str
    exchange: str
    routing_key: str
    bodies: Sequence[str]
    content_type: str = "application/json"
    ready_exchange: str = ""
    """Where the end of a job is told, for who wants to hear it rather than to look."""
    ready_key: str = ""


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways in; only the single one is needed."""

    single: HttpDoor
    batch: HttpDoor | None = None
    commands: AmqpDoor | None = None


class System(ABC):
    """One way to get the same jobs done."""

    name: ClassVar[str]
    """Short, for files and the command line: `celery-tuned`."""
    title: ClassVar[str]
    """For tables and plots: `Celery, tuned`."""
    guarantees: ClassVar[str]
    """One or two sentences: what survives the death of which process, what may happen twice."""
    doors: Doors
    """Set by ``start``."""

    @abstractmethod
    async def start(self, servers: Servers) -> None:
        """Make tables and queues, start all processes, return when the doors are open.

        Listen on free ports of 127.0.0.1 only (``deploy.local.ports``). Start processes from the
        main thread (``deploy.local.process.spawn``): then they end when the suite ends.
        """

    def mark(self) -> None:  # noqa: B027 - most need not do anything
        """Nothing is under way now: ``finished`` may count from here, where that is cheaper."""

    @abstractmethod
    async def finished(self) -> int:
        """How many jobs of this run, or since the last ``mark``, are final in the read model.

        Called some ten times a second at most: one cheap statement over a connection of the suite.
        """

    @abstractmethod
    def parts(self) -> Mapping[str, Sequence[int]]:
        """The roots of all its process trees now, by part: `{"api": [pid], "worker": [pid]}`.

        RabbitMQ and Postgres are the suite's and are added by it. Use the part names `api`,
        `worker`, `notifier` where they fit, so that systems can be set side by side.
        """

    @abstractmethod
    async def stop(self) -> None:
        """End all processes and connections; also after a ``start`` that failed half-way."""

    def versions(self) -> Mapping[str, str]:
        """The distributions that make the difference: `{"celery": "5.5.3"}`."""
        return {}


@asynccontextmanager
async def running(system: System, servers: Servers) -> AsyncIterator[System]:
    """The system, started; stopped however this ends."""
    try:
        await system.start(servers)
        yield system
    finally:
        await system.stop()
