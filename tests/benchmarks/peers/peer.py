"""What all peers have in common as the suite sees them: two commands, one database, one vhost."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

import asyncpg
import httpx

from deploy.local.errors import tail
from deploy.local.ports import PortReservations
from deploy.local.process import ProcessSpec, kill, request_stop, spawn
from tests.benchmarks.peers.environment import AMQP_URL, DATABASE_URL
from tests.benchmarks.peers.job import TABLE
from tests.benchmarks.system import Doors, HttpDoor, Servers, System

_ROOT = Path(__file__).parents[3]
_START_LIMIT = 60.0
_GRACE = 20.0
BODIES = ('{"generator": "noop", "input": {}, "priority": "batch"}',)
_JSON = {"Content-Type": "application/json"}

Running = tuple["subprocess.Popen[bytes]", ProcessSpec]


class Peer(System):
    """Starts an API (`<package>.api:app`) and a worker, both as the peer's documentation says."""

    packages: ClassVar[Sequence[str]]
    """The distributions that it is made of."""
    table: ClassVar[str] = TABLE
    final: ClassVar[Sequence[str]] = ("ready", "failed")

    def __init__(self) -> None:
        self._ports = PortReservations()
        self._processes: dict[str, Running] = {}
        self._watching: asyncpg.Connection | None = None

    def worker(self, package: str) -> Sequence[str]:
        """The arguments to Python that run the worker of that package."""
        raise NotImplementedError

    async def start(self, servers: Servers) -> None:
        database_url = servers.create_database("jobs")
        self._watching = await asyncpg.connect(database_url)
        if self.table:
            await self._watching.execute(self.table)
        port = self._ports.take(8300)
        package = type(self).__module__.rpartition(".")[0]
        told = {AMQP_URL: servers.amqp_url, DATABASE_URL: database_url}
        environment = {**os.environ, **told, "PYTHONUNBUFFERED": "1"}
        self._spawn("api", _uvicorn(package, port), environment, servers.folder)
        self._spawn("worker", self.worker(package), environment, servers.folder)
        url = f"http://127.0.0.1:{port}"
        self.doors = Doors(HttpDoor(url, "/jobs", BODIES, final=self.final))
        await self._first_job()

    async def finished(self) -> int:
        assert self._watching is not None
        ready = "SELECT count(*) FROM job WHERE status = ANY($1)"
        return int(await self._watching.fetchval(ready, list(self.final)))

    def parts(self) -> Mapping[str, Sequence[int]]:
        return {part: [process.pid] for part, (process, _) in self._processes.items()}

    async def stop(self) -> None:
        for process, spec in self._processes.values():
            request_stop(process, spec)
        for process, _ in self._processes.values():  # a second signal would mean: at once
            await asyncio.to_thread(_end, process)
        self._processes.clear()
        self._ports.release()
        if self._watching is not None:
            await self._watching.close()

    def versions(self) -> Mapping[str, str]:
        return {package: version(package) for package in self.packages}

    def _spawn(
        self, part: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        command = [sys.executable, *arguments]
        log = folder / f"{self.name}-{part}.log"
        spec = ProcessSpec(part, command, log, environment, _ROOT)
        self._processes[part] = (spawn(spec), spec)

    async def _first_job(self) -> None:
        """Until one job went all the way: then the worker works, too. It is not one of the run."""
        door, deadline = self.doors.single, asyncio.get_running_loop().time() + _START_LIMIT
        async with httpx.AsyncClient(base_url=door.url) as http:
            asked = False
            while not asked or await self.finished() == 0:
                self._must_live(asyncio.get_running_loop().time() > deadline)
                asked = asked or await _asked(http, door)
                await asyncio.sleep(0.05)
        assert self._watching is not None
        await self._watching.execute("DELETE FROM job")

    def _must_live(self, too_late: bool) -> None:
        for process, spec in self._processes.values():
            if too_late or process.poll() is not None:
                raise RuntimeError(f"{self.name} {spec.name} did not start:\n{tail(spec.log)}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    kill(process)


async def _asked(http: httpx.AsyncClient, door: HttpDoor) -> bool:
    try:
        answer = await http.post(door.path, content=door.bodies[0], headers=_JSON)
    except httpx.TransportError:
        return False
    answer.raise_for_status()
    return True


def _uvicorn(package: str, port: int) -> Sequence[str]:
    """One process, as Darkroom's API is one, on the faster of uvicorn's loops and parsers."""
    where = ("--host", "127.0.0.1", "--port", str(port))
    how = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
    return ("-m", "uvicorn", f"{package}.api:app", *where, *how)
