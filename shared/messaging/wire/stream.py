"""The bytes of one connection, cut into frames: ours are taken out, the others go on to aiormq."""

import asyncio
from typing import Any, cast

from shared.messaging.wire.channel import WireChannel
from shared.messaging.wire.frames import (
    BODY,
    CONNECTION_BLOCKED,
    CONNECTION_UNBLOCKED,
    END,
    HEAD,
    HEARTBEAT,
    HEARTBEAT_FRAME,
    LONG,
    METHOD,
    OVERHEAD,
)

_HEAD_SIZE = 7
_KINDS = frozenset({*range(METHOD, BODY + 1), HEARTBEAT})
_BEAT_SECONDS = 1.0
"""So often at most aiormq is told that the connection lives, while all of it goes past it."""


class FrameStream(asyncio.StreamReader):
    """What aiormq reads from. `channels`: by number, those that have frames of their own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self.channels: dict[int, WireChannel] = {}
        self.blocked = False
        self.lost = False
        self.transport: asyncio.WriteTransport | None = None
        self._time = loop.time
        self._begun = bytearray()
        self._wanted = 0
        self._beaten = 0.0
        self._readable = True

    def write(self, data: bytes) -> None:
        """Send whole frames; raises `OSError` or `RuntimeError` when the connection has ended."""
        if self.lost or self.transport is None or self.transport.is_closing():
            raise ConnectionResetError("the connection has ended")
        self.transport.write(data)

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        """What has been read from the socket, cut anywhere."""
        if not self._readable:
            super().feed_data(data)
            return
        if self._begun:
            self._begun += data
            if len(self._begun) < self._wanted:
                return
            data = bytes(self._begun)
            self._begun.clear()
        at = self._cut(data)
        if at < len(data) and self._readable:
            self._begun += data[at:]

    def feed_eof(self) -> None:
        """The connection has ended."""
        self.lose(ConnectionResetError("the connection has ended"))
        super().feed_eof()

    def set_exception(self, exc: Exception) -> None:
        """The connection has broken."""
        self.lose(exc)
        super().set_exception(exc)

    def lose(self, error: Exception) -> None:
        """Tell the channels that nothing more comes."""
        self.lost = True
        channels, self.channels = self.channels, {}
        for channel in channels.values():
            channel.close(error)

    def _cut(self, data: bytes) -> int:
        """Deal with all whole frames. Answers where the first one begins that is not whole."""
        at = passed = 0
        size, channels = len(data), self.channels
        touched: set[WireChannel] = set()
        self._wanted = _HEAD_SIZE
        while size - at >= _HEAD_SIZE:
            kind, number, length = HEAD.unpack_from(data, at)
            end = at + length + OVERHEAD
            if kind not in _KINDS or (end <= size and data[end - 1] != END):
                self._readable = False  # no AMQP: aiormq knows what to do
                break
            if end > size:
                self._wanted = end - at
                break
            channel = channels.get(number)
            if channel is not None and channel.receive(kind, data, at + _HEAD_SIZE, end - 1):
                touched.add(channel)
                if passed < at:
                    super().feed_data(data[passed:at])
                passed = end
            elif channel is not None and channel.closed:
                del channels[number]  # somebody else may have the number next
            elif number == 0 and kind == METHOD:
                self._note_blocking(data, at + _HEAD_SIZE)
            at = end
        self._pass_on(data[passed:] if not self._readable else data[passed:at], touched)
        return at

    def _pass_on(self, rest: bytes, touched: set[WireChannel]) -> None:
        if rest:
            super().feed_data(rest)
        if touched:
            for channel in touched:
                channel.hand_over()
            now = self._time()
            if now - self._beaten > _BEAT_SECONDS:
                self._beaten = now
                super().feed_data(HEARTBEAT_FRAME)

    def _note_blocking(self, data: bytes, start: int) -> None:
        (method,) = LONG.unpack_from(data, start)
        if method == CONNECTION_BLOCKED:
            self.blocked = True
        elif method == CONNECTION_UNBLOCKED:
            self.blocked = False


async def open_stream(
    host: str, port: int, **told: Any
) -> tuple[FrameStream, asyncio.StreamWriter]:
    """As `asyncio.open_connection`."""
    loop = asyncio.get_running_loop()
    stream = FrameStream(loop)
    protocol = asyncio.StreamReaderProtocol(stream, loop=loop)
    transport, _ = await loop.create_connection(lambda: protocol, host, port, **told)
    stream.transport = cast(asyncio.WriteTransport, transport)
    return stream, asyncio.StreamWriter(stream.transport, protocol, stream, loop)
