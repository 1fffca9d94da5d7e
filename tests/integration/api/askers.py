"""Other services that send commands and wait to be answered, with an AMQP client of their own."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import aio_pika
import httpx
from aio_pika.abc import AbstractIncomingMessage

from deploy.rabbitmq.clients import client_rights
from deploy.rabbitmq.definitions import Rights, service_user
from shared.events import CloudEvent, decode
from shared.messaging import topology
from shared.testing import MOMENT

DIRECT = "amq.rabbitmq.reply-to"
PATIENCE = 15


class Asker:
    """Sends commands and takes their answers."""

    def __init__(self, channel: aio_pika.abc.AbstractChannel, reply_to: str | None) -> None:
        self.channel = channel
        self.reply_to = reply_to
        self.answers: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()

    async def ask(self, command_id: str, data: Any, **how: Any) -> None:
        """Publish `RequestMedia`; `how`: AMQP properties, `key`, `kind`, `envelope`."""
        kind, envelope = how.pop("kind", "request"), how.pop("envelope", {})
        command = {
            "specversion": "1.0",
            "id": command_id,
            "type": f"darkroom.media.{kind}.v1",
            "source": "/tests/asker",
            "time": MOMENT.isoformat(),
            "data": data,
        }
        await self.publish(json.dumps(command | envelope).encode(), f"media.{kind}", **how)

    async def publish(self, body: bytes, key: str, **properties: Any) -> None:
        """Publish anything to `media.commands`."""
        said = {"reply_to": self.reply_to, "correlation_id": "question-7"} | properties
        exchange = await self.channel.get_exchange(topology.COMMANDS, ensure=False)
        await exchange.publish(aio_pika.Message(body, **said), key, mandatory=True)

    async def heard(self) -> tuple[CloudEvent, AbstractIncomingMessage]:
        """The next answer."""
        async with asyncio.timeout(PATIENCE):
            message = await self.answers.get()
        return decode(message.body), message


@asynccontextmanager
async def asking(url: str, *, directly: bool = False) -> AsyncIterator[Asker]:
    """Somebody with a connection, and a queue that ends with it, or none at all."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(on_return_raises=True)
        if directly:
            asker = Asker(channel, DIRECT)
            queue = await channel.get_queue(DIRECT, ensure=False)
            await queue.consume(asker.answers.put, no_ack=True)
        else:
            queue = await channel.declare_queue(exclusive=True)
            asker = Asker(channel, queue.name)
            await queue.consume(asker.answers.put, no_ack=True)
        yield asker


class BrokerUsers:
    """Makes users of the broker that may no more than services of others, or ours, may."""

    def __init__(self, management_url: str, amqp_url: str) -> None:
        self._api = httpx.Client(base_url=f"{management_url}/api/", timeout=30)
        self._amqp = urlsplit(amqp_url)
        self._vhost = quote(self._amqp.path[1:], safe="")
        self._made: list[str] = []

    def create(self, name: str, *, listens: bool = False, operates: bool = False) -> str:
        """The AMQP URL of a new user."""
        return self._make(name, client_rights(name, listens=listens, operates=operates))

    def create_service(self, name: str) -> str:
        """The AMQP URL of the user of one of our services."""
        return self._make(name, service_user(name, "secret").may)

    def _make(self, name: str, may: Rights) -> str:
        self._put(f"users/{name}", {"password": "secret", "tags": ""})
        self._made.append(name)
        rights = {"configure": may.configure, "write": may.write, "read": may.read}
        self._put(f"permissions/{self._vhost}/{name}", rights)
        if may.commands is not None:
            topics = {"exchange": topology.COMMANDS, "write": may.commands, "read": ".*"}
            self._put(f"topic-permissions/{self._vhost}/{name}", topics)
        place = self._amqp.netloc.rpartition("@")[2]
        return urlunsplit(self._amqp._replace(netloc=f"{name}:secret@{place}"))

    def close(self) -> None:
        """Delete them."""
        for name in self._made:
            self._api.delete(f"users/{name}")
        self._api.close()

    def _put(self, path: str, body: object) -> None:
        self._api.put(path, json=body).raise_for_status()


@contextmanager
def broker_users(management_url: str, amqp_url: str) -> Iterator[BrokerUsers]:
    """While the test lasts."""
    users = BrokerUsers(management_url, amqp_url)
    try:
        yield users
    finally:
        users.close()
