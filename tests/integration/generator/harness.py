"""The whole generator service on a real broker and database, and somebody who talks with it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import aio_pika
import httpx
from aio_pika.abc import AbstractIncomingMessage

from services.generator.app import GeneratorApp
from services.generator.service.events import SOURCE
from services.generator.settings import GeneratorSettings
from shared.events import CloudEvent, Message, decode
from shared.messaging import topology
from shared.messaging.declare import declare
from shared.messaging.outgoing import Outgoing, outgoing
from shared.messaging.publisher import Publisher
from shared.messaging.topology import API_QUEUES, NOTIFIER_QUEUES, work_queues
from shared.testing import a_media_requested, an_event, eventually

OUTCOMES = {
    "darkroom.media.generated.v1",
    "darkroom.media.generation_failed.v1",
    "darkroom.media.generation_canceled.v1",
}


def told(database_url: str, rabbitmq_url: str, folder: Path, **changes: Any) -> GeneratorSettings:
    """Settings that let faults happen, quickly."""
    return GeneratorSettings(
        **{
            "database_url": database_url,
            "rabbitmq_url": rabbitmq_url,
            "store_url": (folder / "store").as_uri(),
            "scratch_folder": folder,
            "allow_faults": True,
            "generators": "flaky,noop",
            "retry_base_seconds": 0.05,
            "poll_seconds": 0.2,
            "slots": 2,
            "port": 0,
            **changes,
        }
    )


@asynccontextmanager
async def serving(settings: GeneratorSettings) -> AsyncIterator[GeneratorApp]:
    """The service in this process, ready."""
    app = GeneratorApp(settings)
    await app.start()
    try:
        await eventually(lambda: must_be_ready(app), timeout=60)
        yield app
    finally:
        await app.stop()


async def must_be_ready(app: GeneratorApp) -> None:
    answer = await ask(app, "/health/ready")
    assert answer.status_code == 200, answer.text


async def ask(app: GeneratorApp, path: str) -> httpx.Response:
    """What its HTTP side answers."""
    transport = httpx.ASGITransport(app=app.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://generator") as client:
        return await client.get(path)


def process(settings: GeneratorSettings) -> subprocess.Popen[bytes]:
    """The service as a process of its own."""
    variables = {
        "DARKROOM_GENERATOR_DATABASE_URL": settings.database_url,
        "DARKROOM_RABBITMQ_URL": settings.rabbitmq_url,
        "DARKROOM_STORE_URL": settings.store_url,
        "DARKROOM_GENERATORS": ",".join(sorted(settings.generators or ())),
        "DARKROOM_ALLOW_FAULTS": "1",
        "DARKROOM_GENERATOR_PORT": "0",
        "DARKROOM_GENERATOR_LEASE_SECONDS": str(settings.lease_seconds),
        "DARKROOM_GRACE_SECONDS": str(settings.grace_seconds),
        "DARKROOM_GENERATOR_SCRATCH_FOLDER": str(settings.scratch_folder),
    }
    command = [sys.executable, "-m", "services.generator", "serve"]
    return subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.DEVNULL)


class Client:
    """Asks for media and hears everything that the generator says of it."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.heard: list[CloudEvent] = []
        self.dead: list[AbstractIncomingMessage] = []

    async def request(self, generator: str, **changes: Any) -> UUID:
        """Ask for one; answers the job's id."""
        asked = a_media_requested(**{"generator": generator, "input": {}, **changes})
        await self.tell(asked)
        return asked.job_id

    async def request_many(self, count: int, generator: str, **changes: Any) -> list[UUID]:
        asked = [
            a_media_requested(**{"generator": generator, "input": {}, **changes})
            for _ in range(count)
        ]
        await self.tell(*asked)
        return [one.job_id for one in asked]

    async def tell(self, *messages: Message) -> None:
        """Publish events; each must reach a queue."""
        await self.publish(*(outgoing(an_event(message)) for message in messages))

    async def publish(self, *messages: Outgoing) -> None:
        assert await self._publisher.publish_many(messages) == [None] * len(messages)

    def of(self, job_id: UUID) -> list[CloudEvent]:
        """What was said of the job, by attempt and stage."""
        events = [event for event in self.heard if event.subject == str(job_id)]
        return sorted(events, key=lambda event: event.data.version)

    def kinds(self, job_id: UUID) -> list[str]:
        """`started`, `retrying`, `generated`, …"""
        return [event.type.split(".")[2] for event in self.of(job_id)]

    def course(self, job_id: UUID) -> list[str]:
        """The same without what depends on how quick the machine is, or on who died when."""
        said = {event.id: event for event in self.of(job_id)}.values()
        kinds = [event.type.split(".")[2] for event in said]
        return [kind for kind in kinds if kind not in {"started", "progressed"}]

    async def outcome(self, job_id: UUID, timeout: float = 30) -> Any:  # noqa: ASYNC109
        """The data of the event that ends the job."""

        def ended() -> Message:
            said = {event.id: event for event in self.of(job_id) if event.type in OUTCOMES}
            [event] = said.values()
            return event.data

        return await eventually(ended, timeout=timeout)

    async def hears(self, kind: str, job_id: UUID) -> None:
        def heard() -> None:
            assert kind in self.kinds(job_id)

        await eventually(heard, timeout=30)

    async def hear(self, message: AbstractIncomingMessage) -> None:
        event = decode(message.body)
        if event.source == SOURCE:
            self.heard.append(event)

    async def bury(self, message: AbstractIncomingMessage) -> None:
        self.dead.append(message)


@asynccontextmanager
async def talking(rabbitmq_url: str) -> AsyncIterator[Client]:
    """A client on a broker with the whole topology."""
    publisher = Publisher(rabbitmq_url, app_id="tests")
    await publisher.start()
    queues = (*API_QUEUES, *NOTIFIER_QUEUES, *work_queues(["flaky", "noop"]))
    await declare(publisher.connection, (*queues, *topology.GENERATOR_QUEUES))
    client = Client(publisher)
    connection = await aio_pika.connect(rabbitmq_url)
    try:
        channel = await connection.channel()
        ear = await channel.declare_queue(exclusive=True)
        for exchange in (topology.EVENTS, topology.LIVE):
            await ear.bind(exchange, routing_key="#")
        await ear.consume(client.hear, no_ack=True)
        grave = await channel.get_queue(topology.DEAD_LETTERS)
        await grave.consume(client.bury, no_ack=True)
        yield client
    finally:
        await connection.close()
        await publisher.stop()


async def backlog(rabbitmq_url: str, queue: str) -> int:
    """Messages that wait in the queue."""
    connection = await aio_pika.connect(rabbitmq_url)
    try:
        channel = await connection.channel()
        declared = await channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0
    finally:
        await connection.close()


async def in_a_thread(process: subprocess.Popen[bytes], limit: float) -> int:
    """The exit code."""
    return await asyncio.to_thread(process.wait, limit)
