"""The broker of a run: one private RabbitMQ node, or three that make a cluster.

Which of its nodes answers is nobody's business but this file's: clients get a `dial`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from deploy.local.component import Launch
from deploy.local.epmd import Epmd
from deploy.local.errors import LocalStackError, tail
from deploy.local.ports import PortReservations
from deploy.local.process import ProcessSpec
from deploy.local.rabbitmq import ADMINISTRATOR, RabbitMQNode, RabbitMQPorts
from deploy.local.secrets import SecretFile
from tests.network import Dial, to_any, to_port

_START_SECONDS = 120.0
_JOIN_SECONDS = 120.0
_LOOK_EVERY = 0.2

Json = dict[str, Any]


class Broker:
    """Its nodes are called rabbitmq-1, rabbitmq-2, … everywhere: processes, logs, plan."""

    def __init__(
        self, folder: Path, logs: Path, reservations: PortReservations, nodes: int
    ) -> None:
        self._epmd = Epmd(reservations.take(4390), logs / "epmd.log")
        secrets = SecretFile(folder / "rabbitmq-secrets.json")
        names = [f"darkroom-{number}" for number in range(1, nodes + 1)]
        peers = [f"{name}@localhost" for name in names] if nodes > 1 else []
        self.nodes = {
            f"rabbitmq-{number}": RabbitMQNode(
                folder / f"rabbitmq-{number}",
                RabbitMQPorts.reserve(reservations, 5690),
                name,
                log=logs / f"rabbitmq-{number}.log",
                epmd=self._epmd,
                secrets=secrets,
                peers=peers,
                reservations=reservations,
            )
            for number, name in enumerate(names, start=1)
        }

    @property
    def dial(self) -> Dial:
        """To any node that answers, as through a load balancer."""
        return to_any([to_port("127.0.0.1", node.ports.amqp) for node in self.nodes.values()])

    @property
    def urls(self) -> list[str]:
        return [node.amqp_url for node in self.nodes.values()]

    def url_through(self, port: int, user: str) -> str:
        """The broker behind that port, as seen by that user."""
        return self._first.url_for(user).replace(f":{self._first.ports.amqp}/", f":{port}/")

    def management_url_for(self, user: str) -> str:
        return self._first.management_url_for(user)

    async def start(self, launch: Launch) -> None:
        """The first node, then the others, which join it; then the queues, with their replicas."""
        launch(self._epmd.spec())
        self._epmd.wait_ready()
        names = list(self.nodes)
        for group in (names[:1], names[1:]):
            for name in group:
                self.nodes[name].prepare()
                launch(self._spec(name))
            for name in group:
                await self.wait_ready(name)
        if len(names) > 1:
            await _until(self._all_joined, _JOIN_SECONDS, "the cluster's nodes did not join")
            await asyncio.to_thread(self._first.configure)
            await self.wait_whole()

    async def wait_ready(self, name: str) -> None:
        """Until that node takes logins."""
        node = self.nodes[name]

        async def ready() -> bool:
            return await asyncio.to_thread(node.is_ready)

        try:
            await _until(ready, _START_SECONDS, f"{name} did not start")
        except LocalStackError as error:
            raise LocalStackError(f"{error}:\n{tail(node.log)}") from None

    async def wait_whole(self) -> None:
        """Until every node runs and every quorum queue has all its replicas online."""
        await _until(self.is_whole, _JOIN_SECONDS, "a queue lacks replicas")

    async def queues(self) -> list[Json]:
        """As the management API of a living node tells it. Raises OSError when none does."""
        found: list[Json] = await self._ask("/api/queues/%2F")
        return found

    async def replicas(self) -> dict[str, int]:
        """The online members of each quorum queue."""
        return {
            queue["name"]: len(queue.get("online", ()))
            for queue in await self.queues()
            if queue.get("type") == "quorum"
        }

    async def version(self) -> str:
        """RabbitMQ's own."""
        overview: Json = await self._ask("/api/overview")
        return str(overview["rabbitmq_version"])

    @property
    def _first(self) -> RabbitMQNode:
        return next(iter(self.nodes.values()))

    def _spec(self, name: str) -> ProcessSpec:
        return replace(self.nodes[name].spec(), name=name)

    async def _all_joined(self) -> bool:
        nodes = await self._ask("/api/nodes")
        return len([node for node in nodes if node.get("running")]) == len(self.nodes)

    async def is_whole(self) -> bool:
        """Whether that is so now."""
        if not await self._all_joined():
            return False
        replicas = await self.replicas()
        return bool(replicas) and min(replicas.values()) == len(self.nodes)

    async def _ask(self, path: str) -> Any:
        complaint: Exception = OSError("no node")
        async with httpx.AsyncClient(timeout=5) as http:
            for node in self.nodes.values():
                try:
                    answer = await http.get(node.management_url_for(ADMINISTRATOR) + path)
                    return answer.raise_for_status().json()
                except (httpx.HTTPError, ValueError) as error:
                    complaint = error
        raise OSError(f"no node's management API answers: {complaint!r}")


async def _until(true: Callable[[], Awaitable[bool]], seconds: float, complaint: str) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if await true():
                return
        except OSError as error:
            complaint = f"{complaint} ({error})" if "(" not in complaint else complaint
        if time.monotonic() > deadline:
            raise LocalStackError(complaint)
        await asyncio.sleep(_LOOK_EVERY)
