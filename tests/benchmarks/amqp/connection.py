"""One connection with one channel in confirm mode."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast
from urllib.parse import unquote, urlsplit

from pamqp import commands
from pamqp import frame as pamqp_frame
from pamqp.constants import FRAME_METHOD

from tests.benchmarks.amqp import frames
from tests.benchmarks.amqp.frames import Frame, Publishing

Delivery = tuple[int, bytes]
"""Tag and body."""

_QUORUM = {"x-queue-type": "quorum"}
_CONNECTION_CLASS = 10
assert frames.METHOD == FRAME_METHOD


class AmqpConnection(asyncio.Protocol):
    """Made by ``connect``. An unexpected end fails what waits; there is no coming back."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[Any] = loop.create_future()
        self._published = 0
        self._unconfirmed: dict[int, _Batch] = {}
        self._on_deliveries: Callable[[list[Delivery]], None] | None = None
        self._arrived: list[Delivery] = []
        self._tag = self._missing = 0
        self._parts: list[bytes] = []
        self._error: Exception | None = None
        self._closing = False

    @classmethod
    async def connect(cls, url: str) -> Self:
        """Log in and open the channel."""
        address = urlsplit(url)
        loop = asyncio.get_running_loop()
        host, port = address.hostname or "127.0.0.1", address.port or 5672
        _, self = await loop.create_connection(cls, host, port)
        login = f"\0{unquote(address.username or '')}\0{unquote(address.password or '')}"
        self._write(b"AMQP\0\0\x09\x01")
        await self._next()
        await self._ask(commands.Connection.StartOk({}, "PLAIN", login, "en_US"), channel=0)
        self._write(pamqp_frame.marshal(commands.Connection.TuneOk(1, 131_072, 0), 0))
        vhost = unquote(address.path[1:]) or "/"
        await self._ask(commands.Connection.Open(vhost), channel=0)
        await self._ask(commands.Channel.Open())
        await self._ask(commands.Confirm.Select())
        return self

    async def declare(self, queue: str, exchange: str, key: str) -> None:
        """A durable quorum queue, bound to a durable topic exchange."""
        await self._ask(commands.Exchange.Declare(0, exchange, "topic", durable=True))
        await self._ask(commands.Queue.Declare(0, queue, durable=True, arguments=dict(_QUORUM)))
        await self._ask(commands.Queue.Bind(0, queue, exchange, key))

    async def declare_ear(self, exchange: str, key: str) -> str:
        """A queue of this connection's own, bound to an exchange that is there."""
        declared = await self._ask(commands.Queue.Declare(0, "", exclusive=True))
        await self._ask(commands.Queue.Bind(0, declared.queue, exchange, key))
        return str(declared.queue)

    async def consume(
        self, queue: str, prefetch: int, on_deliveries: Callable[[list[Delivery]], None]
    ) -> None:
        """Call back with all deliveries that arrived together."""
        self._on_deliveries = on_deliveries
        await self._ask(commands.Basic.Qos(0, prefetch))
        await self._ask(commands.Basic.Consume(0, queue, no_ack=False))

    async def publish(self, address: Publishing, bodies: Sequence[bytes]) -> None:
        """One socket write; returns when the broker has confirmed all of them."""
        if self._error:
            raise self._error
        if not bodies:
            return
        batch = _Batch(len(bodies), asyncio.get_running_loop().create_future())
        for tag in range(self._published + 1, self._published + len(bodies) + 1):
            self._unconfirmed[tag] = batch
        self._published += len(bodies)
        self._write(address.encode(bodies))
        await batch.done

    def ack(self, tag: int) -> None:
        """This delivery and all before it."""
        self._write(frames.ack(tag))

    def close(self) -> None:
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._closing:
            self._fail(error or ConnectionError("the broker closed the connection"))

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        used = 0
        for frame in frames.split(buffer):
            used += len(frame.raw)
            self._handle(frame)
        self._buffer = buffer[used:]
        if self._arrived and self._on_deliveries:
            arrived, self._arrived = self._arrived, []
            self._on_deliveries(arrived)

    def _handle(self, frame: Frame) -> None:
        if frame.kind == frames.BODY:
            self._take(frame.payload)
        elif frame.kind == frames.HEADER:
            self._missing, self._parts = frames.body_size(frame.payload), []
        elif frame.kind == frames.METHOD:
            self._handle_method(frame)

    def _handle_method(self, frame: Frame) -> None:
        if frame.ids == frames.DELIVER:
            self._tag = frames.delivery_tag(frame.payload)
        elif frame.ids == frames.ACK:
            self._confirm(*frames.confirmed(frame.payload))
        elif frame.ids in (frames.NACK, frames.RETURN):
            self._fail(ConnectionError("the broker did not take a message"))
        else:
            method = pamqp_frame.unmarshal(frame.raw)[2]
            if isinstance(method, commands.Channel.Close | commands.Connection.Close):
                self._fail(ConnectionError(f"{method.reply_code} {method.reply_text}"))
            elif not self._answer.done():
                self._answer.set_result(method)

    def _take(self, payload: bytes) -> None:
        self._parts.append(payload)
        self._missing -= len(payload)
        if self._missing == 0:
            self._arrived.append((self._tag, b"".join(self._parts)))

    def _confirm(self, tag: int, multiple: bool) -> None:
        tags = [tag]
        if multiple:
            tags = list(itertools.takewhile(lambda one: one <= tag, self._unconfirmed))
        for one in tags:
            batch = self._unconfirmed.pop(one, None)
            if batch is None:
                continue
            batch.missing -= 1
            if batch.missing == 0 and not batch.done.done():
                batch.done.set_result(None)

    async def _ask(self, method: Any, channel: int = 1) -> Any:
        self._write(pamqp_frame.marshal(method, channel))
        return await self._next()

    async def _next(self) -> Any:
        answer = await self._answer
        self._answer = asyncio.get_running_loop().create_future()
        return answer

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def _fail(self, error: Exception) -> None:
        self._error = error
        for waiting in {self._answer, *(batch.done for batch in self._unconfirmed.values())}:
            if not waiting.done():
                waiting.set_exception(error)
        self._unconfirmed.clear()


@dataclass(slots=True)
class _Batch:
    """What was published in one write, and how many confirms of it are missing."""

    missing: int
    done: asyncio.Future[None]
