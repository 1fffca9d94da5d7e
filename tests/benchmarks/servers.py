"""The RabbitMQ and Postgres that every system is given, started from nothing for one benchmark.

They are the embedded ones of the local stack, as it runs them: fsync on, nothing relaxed. A run of
a system gets a vhost and databases of its own, which are gone after it.
"""

import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import httpx

from deploy.local.postgres import EmbeddedPostgres
from deploy.local.rabbitmq import RabbitMQNode
from tests.benchmarks.system import Servers

_USER = "darkroom"
_RIGHTS = dict.fromkeys(("configure", "write", "read"), ".*")


class BenchmarkServers:
    """Both servers, and what is cut from them for each run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self.postgres = EmbeddedPostgres(folder / "postgres")
        self.rabbitmq = RabbitMQNode(folder / "rabbitmq")

    def start(self) -> None:
        """Start both and wait until they answer."""
        self.rabbitmq.start()
        self.postgres.start()

    def stop(self) -> None:
        """End both; nobody reads their data again."""
        with suppress(Exception):
            self.rabbitmq.kill()
        with suppress(Exception):
            self.rabbitmq.stop()
        self.postgres.stop()

    def pids(self) -> Mapping[str, list[int]]:
        """The roots of their process trees."""
        found = {"rabbitmq": self.rabbitmq.pid, "postgres": self.postgres.pid}
        return {name: [pid] for name, pid in found.items() if pid}

    @property
    def postgres_url(self) -> str:
        """The superuser's, over the socket."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.postgres.socket_folder))}"

    async def versions(self) -> dict[str, str]:
        """Of both servers, and whether Postgres waits for the disk."""
        async with httpx.AsyncClient(base_url=self.rabbitmq.management_url) as management:
            overview = (await management.get("/api/overview")).raise_for_status().json()
        connection = await asyncpg.connect(self.postgres_url)
        try:
            postgres = await connection.fetchval("SHOW server_version")
            fsync = await connection.fetchval("SHOW fsync")
        finally:
            await connection.close()
        erlang = overview["erlang_version"]
        return {
            "rabbitmq": f"{overview['rabbitmq_version']} (Erlang {erlang})",
            "postgres": f"{postgres}, fsync {fsync}",
        }

    @asynccontextmanager
    async def cut(self) -> AsyncIterator[Servers]:
        """A vhost, databases and a folder for one run."""
        number = next(self._numbers)
        vhost, folder = f"bench-{number}", self._folder / f"run-{number}"
        folder.mkdir()
        async with httpx.AsyncClient(base_url=self.rabbitmq.management_url, timeout=60) as api:
            (await api.put(f"/api/vhosts/{vhost}")).raise_for_status()
            (await api.put(f"/api/permissions/{vhost}/{_USER}", json=_RIGHTS)).raise_for_status()
            made: list[str] = []
            try:
                yield Servers(
                    amqp_url=urlunsplit(urlsplit(self.rabbitmq.amqp_url)._replace(path=vhost)),
                    management_url=self.rabbitmq.management_url,
                    postgres_admin_url=self.postgres_url,
                    create_database=lambda name: self._create(f"{name}_{number}", made),
                    folder=folder,
                )
            finally:
                await self._drop(made)
                (await api.delete(f"/api/vhosts/{vhost}")).raise_for_status()

    def _create(self, name: str, made: list[str]) -> str:
        self.postgres.create_database(name)
        made.append(name)
        return self.postgres_url.replace("/postgres?", f"/{name}?")

    async def _drop(self, names: list[str]) -> None:
        connection = await asyncpg.connect(self.postgres_url)
        try:
            for name in names:
                await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            await connection.execute("CHECKPOINT")  # what this run wrote is not the next one's load
        finally:
            await connection.close()


@contextmanager
def benchmark_servers(parent: Path | None = None) -> Iterator[BenchmarkServers]:
    """Both servers in a folder that is gone afterwards; stopped however this ends."""
    with tempfile.TemporaryDirectory(prefix=f"darkroom-bench-{os.getpid()}-", dir=parent) as folder:
        servers = BenchmarkServers(Path(folder))
        try:
            servers.start()
            yield servers
        finally:
            servers.stop()
