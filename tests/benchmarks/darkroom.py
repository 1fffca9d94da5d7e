"""Darkroom as `make run` starts it, on the suite's servers."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import httpx
from uuid_utils.compat import uuid7

from deploy.local.ports import PortReservations
from deploy.local.process import ProcessSpec, spawn, stop
from deploy.local.settings import CHECKOUT, SERVICES
from deploy.local.stack import LocalStack, StackInfo
from shared.testing import eventually
from tests.benchmarks.system import UNIQUE, AmqpDoor, Doors, HttpDoor, Servers, System

NOOP: Mapping[str, Any] = {"generator": "noop", "input": {}}
FINAL = ("ready", "failed", "canceled", "expired")
_JOBS_PER_CALL = 100
_PORT = 8310
_FINISHED = "SELECT count(*) FROM job WHERE id > $1 AND status = ANY($2)"


class Darkroom(System):
    """Three services on three databases; every door is open."""

    name: ClassVar[str] = "darkroom"
    title: ClassVar[str] = "Darkroom"
    guarantees: ClassVar[str] = (
        "An accepted job ends exactly once, whichever process, broker or database dies: outboxes, "
        "publisher confirms, ack after commit, leases with fences, one arbiter of the last word. "
        "Effects are recorded once; messages may come twice and change nothing."
    )

    def __init__(
        self,
        request: Mapping[str, Any] = NOOP,
        environment: Mapping[str, str] | None = None,
        bodies: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        self._requests = list(bodies or [request])
        self._environment = dict(environment or {})
        self._connection: asyncpg.Connection | None = None
        self._stack: LocalStack | None = None
        self._ports = PortReservations()
        self._more: list[tuple[subprocess.Popen[bytes], ProcessSpec]] = []
        self.databases: dict[str, str] = {}
        self.after = UUID(int=0)
        """Jobs with smaller ids are not counted: they were asked for before."""

    @property
    def url(self) -> str:
        """Where the api is."""
        assert self._stack is not None
        return self._stack.info.api

    async def start(self, servers: Servers) -> None:
        self.after = uuid7()
        self.databases = {name: servers.create_database(name) for name in SERVICES}
        self._stack = LocalStack(servers.folder / "darkroom", self.surroundings(servers))
        self._stack.start()
        self._connection = await asyncpg.connect(self.databases["api"])
        generators = {request["generator"] for request in self._requests}
        async with httpx.AsyncClient(base_url=self.url) as http:
            for name in generators:
                await eventually(partial(_is_known, http, name), timeout=60)
        self.doors = doors(self.url, servers.amqp_url, self._requests)

    def surroundings(self, servers: Servers) -> dict[str, str]:
        """What every process of this run is told by its environment."""
        urls = {
            f"DARKROOM_{name.upper()}_DATABASE_URL": url for name, url in self.databases.items()
        }
        return {
            "DARKROOM_ALLOW_FAULTS": "1",
            "DARKROOM_RABBITMQ_URL": servers.amqp_url,
            "DARKROOM_RABBITMQ_MANAGEMENT_URL": servers.management_url,
            "DARKROOM_STORE_URL": (servers.folder / "darkroom" / "store").as_uri(),
            **urls,
            **self._environment,
        }

    def mark(self) -> None:
        self.after = uuid7()

    async def finished(self) -> int:
        assert self._connection is not None
        return int(await self._connection.fetchval(_FINISHED, self.after, FINAL))

    def parts(self) -> dict[str, list[int]]:
        if self._stack is None:
            return {}
        found = {name: _pids(self._stack.info, name) for name in SERVICES}
        found["generator"] += [process.pid for process, _ in self._more]
        return found

    async def add_generator(self, servers: Servers) -> None:
        """One more generator process; returns when it is ready."""
        port = self._ports.take(_PORT)
        spec = ProcessSpec(
            name="generator",
            command=[sys.executable, "-m", "services.generator", "serve"],
            log=servers.folder / f"generator-{port}.log",
            environment={
                **os.environ,
                **self.surroundings(servers),
                "DARKROOM_GENERATOR_PORT": str(port),
            },
            folder=CHECKOUT,
        )
        self._more.append((spawn(spec), spec))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            await eventually(partial(_is_ready, http), timeout=60)

    async def stop(self) -> None:
        for process, spec in self._more:
            stop(process, spec)
        self._ports.release()
        if self._connection is not None:
            await self._connection.close()
        if self._stack is not None:
            self._stack.stop()


def _pids(info: StackInfo, service: str) -> list[int]:
    pids = info.pids.get(service)
    return list(pids) if isinstance(pids, list) else []


async def _is_ready(http: httpx.AsyncClient) -> None:
    (await http.get("/health/ready")).raise_for_status()


async def _is_known(http: httpx.AsyncClient, generator: str) -> None:
    (await http.get(f"/v1/generators/{generator}")).raise_for_status()


def doors(url: str, amqp_url: str, requests: Sequence[Mapping[str, Any]]) -> Doors:
    """All three: one job a POST, a hundred, and commands."""
    many = [{"requests": [one] * _JOBS_PER_CALL} for one in requests]
    return Doors(
        single=HttpDoor(
            url,
            "/v1/media",
            [json.dumps(one) for one in requests],
            status_path="/v1/media/{id}",
            final=FINAL,
        ),
        batch=HttpDoor(
            url,
            "/v1/media/batch",
            [json.dumps(one) for one in many],
            jobs_per_call=_JOBS_PER_CALL,
            status_path="/v1/media/{id}",
            final=FINAL,
        ),
        commands=AmqpDoor(
            amqp_url,
            "media.commands",
            "media.request",
            [_command(one) for one in requests],
            content_type="application/cloudevents+json",
            ready_exchange="media.events",
            ready_key="media.ready.#",
        ),
    )


def _command(request: Mapping[str, Any]) -> str:
    """A `RequestMedia`; what is asked for is not the same command twice."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": UNIQUE,
            "type": "darkroom.media.request.v1",
            "source": f"/benchmarks/{uuid4()}",
            "time": "2026-01-01T00:00:00Z",
            "datacontenttype": "application/json",
            "data": dict(request),
        }
    )
