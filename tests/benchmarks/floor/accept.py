"""The first process: requests come in by HTTP, verdicts go into the read model."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from tests.benchmarks.amqp.connection import Delivery
from tests.benchmarks.floor.batching import Batches
from tests.benchmarks.floor.http import HttpServer, Respond
from tests.benchmarks.floor.stage import Message, Outbox, Stage, columns, read, together
from tests.benchmarks.floor.statements import ACCEPT, PROJECT, STATUS

Request = tuple[list[Message], Callable[[], None]]
"""Its jobs, and what to do when they are written down."""


class Accept:
    """One api process."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._outbox = Outbox(stage, "requested")
        self._requests: Batches[Request] = Batches(self._accept)
        self._looking: set[asyncio.Task[None]] = set()

    async def run(self, port: int) -> None:
        """For ever."""
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: HttpServer(self._handle), "127.0.0.1", port)
        await together(
            self._stage.take("floor.verdicts", self._project),
            self._requests.run(),
            self._outbox.run(),
        )

    def _handle(self, method: bytes, path: bytes, body: bytes, respond: Respond) -> None:
        if method == b"GET":
            task = asyncio.create_task(self._look(path, respond))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)
            return
        asked = orjson.loads(body)
        wanted = asked["requests"] if path == b"/batch" else [asked]
        jobs = [(uuid7(), orjson.dumps(one["input"])) for one in wanted]
        answer = orjson.dumps({"id": str(jobs[0][0]), "jobs": [str(job) for job, _ in jobs]})
        self._requests.add((jobs, lambda: respond(answer)))

    async def _look(self, path: bytes, respond: Respond) -> None:
        job = path.rpartition(b"/")[2].decode()
        status = await self._stage.database.fetchval(STATUS, UUID(job))
        respond(orjson.dumps({"id": job, "status": status}))

    async def _accept(self, batch: list[Request]) -> None:
        await self._outbox.write(ACCEPT, [message for jobs, _ in batch for message in jobs])
        for _, respond in batch:
            respond()

    async def _project(self, batch: list[Delivery]) -> None:
        await self._stage.database.execute(PROJECT, *columns(read(batch)))
