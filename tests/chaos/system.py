"""The system under test: real servers, several processes of every service, a network between.

Every service process reaches RabbitMQ and Postgres through two proxies of its own. Parts of the
local stack (deploy/local) start, watch and restart everything, as `make run` does.
"""

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy.engine import make_url

from deploy.local.errors import LocalStackError, tail
from deploy.local.ports import PortReservations
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.postgres_roles import SERVICE_DATABASES
from deploy.local.process_record import ProcessRecord
from deploy.local.services import migrate, serve_spec
from deploy.local.supervisor import Supervisor
from shared.testing import eventually
from tests.chaos.broker import Broker
from tests.chaos.disk import StoreDisk
from tests.chaos.options import GENERATORS, RESTART_WITHIN, SETTINGS, Options
from tests.network import Proxy, to_socket

Say = Callable[[str], None]

_ENDED = re.compile(r"(?P<name>[\w-]+): ended \((?P<how>[^)]+)\)")
_TEND_EVERY = 0.1
_START_SECONDS = 120.0
_FIRST_PORT = 8100


@dataclass
class Replica:
    """One process of a service, and its two wires."""

    name: str
    service: str
    url: str
    broker: Proxy
    database: Proxy


class System:
    """Start it from the main thread, in a home that nobody else has."""

    def __init__(
        self,
        home: Path,
        options: Options,
        disk: StoreDisk,
        say: Say,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self.logs = home / "logs"
        self.disk = disk
        self._options = options
        self._settings = {**SETTINGS, **(settings or {})}
        self._say = say
        self._reservations = PortReservations()
        self.supervisor = Supervisor(
            ProcessRecord(home / "processes.json"),
            self._note,
            own_pid=os.getpid(),
            longest_delay=timedelta(seconds=RESTART_WITHIN),
        )
        self.broker = Broker(home, self.logs, self._reservations, options.nodes)
        self.postgres = EmbeddedPostgres(home / "postgres", self.logs / "postgres.log")
        self.replicas: dict[str, Replica] = {}
        self.endings: list[tuple[str, str]] = []
        """Processes that have ended, and how: `exit code 0`, `killed by signal 9`."""
        self._tending: asyncio.Task[None] | None = None

    @property
    def apis(self) -> list[str]:
        return [replica.url for replica in self.replicas.values() if replica.service == "api"]

    async def start(self) -> None:
        """Until every process is ready and every generator is known."""
        self.logs.mkdir(parents=True, exist_ok=True)
        self._tending = asyncio.create_task(self._tend(), name="supervisor")
        self.postgres.launch(self.supervisor.launch)
        await self.wait_postgres()
        urls = self.postgres.create_databases(list(SERVICE_DATABASES.values()))
        databases = {service: urls[name] for service, name in SERVICE_DATABASES.items()}
        migrate(databases, self.logs)
        self._say("Postgres is ready, the databases are migrated")
        await self.broker.start(self.supervisor.launch)
        self._say(f"RabbitMQ is ready: {', '.join(self.broker.nodes)}")
        for service, count in self._options.replicas.items():
            for number in range(1, count + 1):
                await self._connect(f"{service}-{number}", service)
        for replica in self.replicas.values():
            self._launch(replica, databases[replica.service])
        await self._wait_services()
        self._say(f"the services are ready: {', '.join(self.replicas)}")

    async def stop(self) -> None:
        """The services in order; the servers at once: nobody reads their data again."""
        if self._tending is not None:
            self._tending.cancel()
            await asyncio.gather(self._tending, return_exceptions=True)
        for name in self.replicas:
            self.signal(name, signal.SIGCONT)
        for replica in self.replicas.values():
            replica.broker.thaw()
            replica.database.thaw()
        await asyncio.to_thread(self.supervisor.stop, list(self.replicas))
        for name in (*self.broker.nodes, "postgres"):
            self.signal(name, signal.SIGKILL)
        self.supervisor.stop_all()
        self.postgres.cleanup()
        self._reservations.release()
        for replica in self.replicas.values():
            await replica.broker.close()
            await replica.database.close()

    def signal(self, name: str, number: signal.Signals) -> int | None:
        """Send it to the process of that name; answers the process id, None: it is dead."""
        pid = self.supervisor.pid(name)
        if pid is None or not self.supervisor.is_alive(name):
            return None
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        return pid

    async def wait_restarted(self, name: str, former: int | None) -> None:
        """Until the supervisor has put another process in the place of this one."""

        def restarted() -> None:
            assert self.supervisor.pid(name) != former, f"{name} was not started again"
            assert self.supervisor.is_alive(name), f"{name} does not stay alive"

        await eventually(restarted, timeout=_START_SECONDS)

    async def wait_postgres(self) -> None:
        """Until it takes connections."""
        deadline = time.monotonic() + _START_SECONDS
        while not await asyncio.to_thread(self.postgres.is_ready):
            if time.monotonic() > deadline:
                log = self.logs / "postgres.log"
                raise LocalStackError(f"Postgres did not start:\n{tail(log)}")
            await asyncio.sleep(_TEND_EVERY)

    async def why_not_ready(self, http: httpx.AsyncClient) -> dict[str, str]:
        """Every process that is not ready, and what it says."""
        names = list(self.replicas)
        answers = await asyncio.gather(*(self._ask(http, self.replicas[name]) for name in names))
        return {name: why for name, why in zip(names, answers, strict=True) if why}

    async def _connect(self, name: str, service: str) -> None:
        socket = self.postgres.socket_folder / ".s.PGSQL.5432"
        replica = Replica(
            name,
            service,
            f"http://127.0.0.1:{self._reservations.take(_FIRST_PORT)}",
            Proxy(self.broker.dial),
            Proxy(to_socket(socket)),
        )
        await replica.broker.open()
        await replica.database.open()
        self.replicas[name] = replica

    def _launch(self, replica: Replica, database: str) -> None:
        spec = serve_spec(replica.service, self._environment(replica, database), self.logs)
        log = self.logs / f"{replica.name}.log"
        self.supervisor.launch(replace(spec, name=replica.name, log=log))

    @property
    def _notifier(self) -> dict[str, str]:
        """Where apis find the webhooks."""
        urls = [one.url for one in self.replicas.values() if one.service == "notifier"]
        return {"DARKROOM_NOTIFIER_URL": urls[0]}

    def _environment(self, replica: Replica, database: str) -> dict[str, str]:
        """No settings of whoever runs us: what a run is told stands in `options`."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("DARKROOM_")}
        through = make_url(database).set(host="127.0.0.1", port=replica.database.port, query={})
        prefix = f"DARKROOM_{replica.service.upper()}"
        return {
            **inherited,
            **self._settings,
            "PYTHONUNBUFFERED": "1",
            "DARKROOM_STORE_URL": self.disk.folder.as_uri(),
            "DARKROOM_GENERATOR_SCRATCH_FOLDER": str(self.home / "scratch" / replica.name),
            "DARKROOM_RABBITMQ_URL": self.broker.url_through(replica.broker.port, replica.service),
            "DARKROOM_RABBITMQ_MANAGEMENT_URL": self.broker.management_url_for(replica.service),
            f"{prefix}_DATABASE_URL": through.render_as_string(hide_password=False),
            f"{prefix}_PORT": replica.url.rpartition(":")[2],
            **self._notifier,
        }

    async def _wait_services(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        async with httpx.AsyncClient(timeout=5) as http:
            while why := await self.why_not_ready(http) or await self._unknown(http):
                if time.monotonic() > deadline:
                    name, reason = next(iter(why.items()))
                    end = tail(self.logs / f"{name}.log")
                    raise LocalStackError(f"{name} is not ready ({reason}):\n{end}")
                await asyncio.sleep(_TEND_EVERY)

    async def _unknown(self, http: httpx.AsyncClient) -> dict[str, str]:
        """The apis that have not heard of every generator yet."""
        missing = {}
        for name, replica in self.replicas.items():
            if replica.service == "api":
                items = (await http.get(f"{replica.url}/v1/generators")).json().get("items", ())
                if lacking := set(GENERATORS) - {item["name"] for item in items}:
                    missing[name] = f"has not heard of {', '.join(sorted(lacking))}"
        return missing

    async def _ask(self, http: httpx.AsyncClient, replica: Replica) -> str | None:
        try:
            answer = await http.get(f"{replica.url}/health/ready")
        except httpx.HTTPError as error:
            return f"does not answer ({type(error).__name__})"
        return None if answer.status_code == 200 else answer.text

    def _note(self, line: str) -> None:
        """What the supervisor says, such as `api-1: ended (exit code 0); starting again …`."""
        self._say(f"          {line}")
        if ended := _ENDED.match(line):
            self.endings.append((ended["name"], ended["how"]))

    async def _tend(self) -> None:
        while True:
            self.supervisor.tend()
            await asyncio.sleep(_TEND_EVERY)
