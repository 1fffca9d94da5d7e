"""aio-pika's robust connection over a `FrameStream`: whom it delivers to, and where to publish."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast
from uuid import uuid4

import aiormq
from aio_pika import RobustConnection
from aio_pika.robust_channel import RobustChannel
from aio_pika.robust_queue import RobustQueue
from aiormq.connection import SSLContextProvider, TransportFactory
from yarl import URL

from shared.messaging.wire.consuming import ConsumingChannel, Take
from shared.messaging.wire.publishing import PublishingChannel
from shared.messaging.wire.stream import FrameStream, open_stream

USUAL_FRAME_MAX = 131_072


class StreamFactory(TransportFactory):
    """Makes the transports of one robust connection, one after the other."""

    def __init__(self) -> None:
        self.latest: FrameStream | None = None

    async def create(
        self, url: URL, **kwargs: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """As aiormq's own factories."""
        provider: SSLContextProvider = kwargs.pop("ssl_context_provider")
        tls = await provider.get_context() if url.scheme == "amqps" else None
        try:
            self.latest, writer = await open_stream(
                url.host or "localhost", url.port or 5672, ssl=tls, **kwargs
            )
        except OSError as error:
            raise aiormq.AMQPConnectionError(*error.args) from error
        return self.latest, writer


class WireQueue(RobustQueue):
    """A queue whose deliveries may go to whoever the connection has for it."""

    __slots__ = ()

    async def consume(self, *args: Any, **kwargs: Any) -> str:
        """As aio-pika's; the deliveries are diverted before the first of them can come."""
        connection = cast(RobustChannel, self.channel)._connection
        if isinstance(connection, WireConnection) and self.name in connection.takes:
            kwargs["consumer_tag"] = kwargs.get("consumer_tag") or uuid4().hex
            underlay = await self.channel.get_underlay_channel()
            connection.divert(underlay, kwargs["consumer_tag"], self.name)
        return await super().consume(*args, **kwargs)

    async def cancel(self, consumer_tag: str, *args: Any, **kwargs: Any) -> Any:
        """As aio-pika's."""
        answer = await super().cancel(consumer_tag, *args, **kwargs)
        connection = cast(RobustChannel, self.channel)._connection
        if isinstance(connection, WireConnection):
            connection.forget(consumer_tag)
        return answer


class WireRobustChannel(RobustChannel):
    """A channel with such queues."""

    QUEUE_CLASS = WireQueue


class WireConnection(RobustConnection):
    """`takes`: by queue, who gets its deliveries; all other queues are aio-pika's business."""

    CHANNEL_CLASS = WireRobustChannel

    def __init__(self, *args: Any, takes: Mapping[str, Take] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.takes = {} if takes is None else takes
        self._streams = StreamFactory()
        self.kwargs["transport_factory"] = self._streams
        self._stream: FrameStream | None = None

    @property
    def blocked(self) -> bool:
        """Whether the broker has told us to publish no more (`connection.blocked`)."""
        return self._stream is not None and self._stream.blocked and not self._stream.lost

    async def _on_connected(self) -> None:
        if self._stream is not None:
            self._stream.lose(ConnectionResetError("there is another connection now"))
        self._stream = self._streams.latest
        await super()._on_connected()

    def divert(self, underlay: aiormq.abc.AbstractChannel, consumer_tag: str, queue: str) -> None:
        """Deliveries to this consumer go to whoever takes those of the queue."""
        stream = self._stream_of(underlay)
        channel = stream.channels.get(underlay.number)
        if not isinstance(channel, ConsumingChannel) or channel.underlay is not underlay:
            channel = stream.channels[underlay.number] = ConsumingChannel(stream, underlay)
        channel.divert(consumer_tag, self.takes[queue])

    def forget(self, consumer_tag: str) -> None:
        """This consumer is no more."""
        for channel in self._stream.channels.values() if self._stream is not None else ():
            if isinstance(channel, ConsumingChannel):
                channel.forget(consumer_tag)

    async def publishing_channel(self, app_id: str) -> PublishingChannel:
        """A new channel to publish on. It is not restored: ask for another one."""
        if self.transport is None:
            raise ConnectionResetError("the connection is away")
        connection = cast(aiormq.Connection, self.transport.connection)
        underlay = await connection.channel(publisher_confirms=True)
        stream = self._stream_of(underlay)
        frame_max = connection.connection_tune.frame_max or USUAL_FRAME_MAX  # 0: any size
        channel = PublishingChannel(stream, underlay, app_id, frame_max)
        stream.channels[underlay.number] = channel
        return channel

    def _stream_of(self, underlay: aiormq.abc.AbstractChannel) -> FrameStream:
        """Raises `ConnectionResetError` when the channel is not of the present connection."""
        transport = self.transport
        current = transport is not None and transport.connection is underlay.connection
        if self._stream is None or not current or self._stream.lost:
            raise ConnectionResetError("the connection has ended")
        return self._stream
