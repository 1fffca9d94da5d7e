"""The floor as a system among others."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import ClassVar

import asyncpg

from deploy.local.ports import PortReservations
from deploy.local.process import ProcessSpec, kill, spawn
from deploy.local.settings import CHECKOUT
from tests.benchmarks.amqp.connection import AmqpConnection
from tests.benchmarks.client.http import address_of
from tests.benchmarks.errors import BenchmarkError
from tests.benchmarks.floor.stage import EXCHANGE, QUEUES
from tests.benchmarks.floor.statements import FINISHED, OUTBOX, TABLES
from tests.benchmarks.system import Doors, HttpDoor, Servers, System

_ROLES = {"accept": "api", "work": "generator", "close": "notifier"}
_JOBS_PER_CALL = 100
_PORT = 8300
_START_LIMIT = 30.0


class Floor(System):
    """Hand-written, without a framework; nothing but the durable steps."""

    name: ClassVar[str] = "floor"
    title: ClassVar[str] = "Floor (bare script)"
    guarantees: ClassVar[str] = (
        "The durable steps of Darkroom only: outbox, confirms, ack after commit, idempotent rows. "
        "No retries, leases, deadlines, validation or recovery: a process that dies stays dead, "
        "and what it had not yet published is never swept."
    )

    def __init__(self) -> None:
        self._ports = PortReservations()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._connection: asyncpg.Connection | None = None

    async def start(self, servers: Servers) -> None:
        port = self._ports.take(_PORT)
        databases = {role: servers.create_database(f"floor_{role}") for role in _ROLES}
        for role, url in databases.items():
            await _create_tables(url, role)
        self._connection = await asyncpg.connect(databases["accept"])
        await _declare(servers.amqp_url)
        for role in _ROLES:
            environment = {"FLOOR_DATABASE": databases[role], "FLOOR_AMQP": servers.amqp_url}
            self._processes[role] = spawn(
                ProcessSpec(
                    name=role,
                    command=[sys.executable, "-m", "tests.benchmarks.floor", role],
                    log=servers.folder / f"{role}.log",
                    environment={**os.environ, **environment, "FLOOR_PORT": str(port)},
                    folder=CHECKOUT,
                )
            )
        await self._until_open(servers, f"http://127.0.0.1:{port}")

    async def finished(self) -> int:
        assert self._connection is not None
        return int(await self._connection.fetchval(FINISHED))

    def parts(self) -> Mapping[str, list[int]]:
        return {_ROLES[role]: [process.pid] for role, process in self._processes.items()}

    async def stop(self) -> None:
        for process in self._processes.values():
            kill(process)
        if self._connection is not None:
            await self._connection.close()
        self._ports.release()

    async def _until_open(self, servers: Servers, url: str) -> None:
        """Until HTTP is answered; what the others are not ready for waits in their queues."""
        self.doors = Doors(
            single=HttpDoor(url, "/jobs", ['{"input": {}}']),
            batch=HttpDoor(
                url,
                "/batch",
                [json.dumps({"requests": [{"input": {}}] * _JOBS_PER_CALL})],
                jobs_per_call=_JOBS_PER_CALL,
            ),
        )
        for _ in range(int(_START_LIMIT / 0.1)):
            dead = [role for role, process in self._processes.items() if process.poll() is not None]
            if dead:
                log = (servers.folder / f"{dead[0]}.log").read_text()[-2000:]
                raise BenchmarkError(f"the floor's {dead[0]} ended:\n{log}")
            if await _listens(url):
                return
            await asyncio.sleep(0.1)
        raise BenchmarkError(f"the floor did not start within {_START_LIMIT:.0f} s")


async def _create_tables(url: str, role: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"{TABLES[role]};{OUTBOX}")
    finally:
        await connection.close()


async def _declare(amqp_url: str) -> None:
    connection = await AmqpConnection.connect(amqp_url)
    for queue, key in QUEUES.items():
        await connection.declare(queue, EXCHANGE, key)
    connection.close()


async def _listens(url: str) -> bool:
    try:
        _, writer = await asyncio.open_connection(*address_of(url))
    except OSError:
        return False
    writer.close()
    return True
