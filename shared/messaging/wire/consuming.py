"""A channel's deliveries, handed over as many at a time as arrived together."""

from collections.abc import Callable
from contextlib import suppress

import aiormq
import structlog

from shared.messaging.delivery import Delivery
from shared.messaging.wire.channel import Line, WireChannel
from shared.messaging.wire.frames import BASIC_DELIVER, HEADER, LONG_LONG, ack_frame

Take = Callable[[list[Delivery]], None]
"""Puts deliveries somewhere; it must neither wait nor work, for the socket waits meanwhile."""

_TAG_AND_FLAG = 9
"""Bytes of a Basic.Deliver between consumer tag and exchange: delivery tag, redelivered."""

log = structlog.get_logger(__name__)


class ConsumingChannel(WireChannel):
    """Deliveries to the consumers that `divert` names; those of others are left to aiormq."""

    def __init__(self, line: Line, underlay: aiormq.abc.AbstractChannel) -> None:
        super().__init__(line, underlay)
        self._takes: dict[bytes, Take] = {}
        self._gathered: dict[bytes, list[Delivery]] = {}
        self._consumer: bytes | None = None
        self._delivery_tag = 0
        self._names = self._header = b""
        self._missing = 0
        self._parts: list[bytes] = []

    def divert(self, consumer_tag: str, take: Take) -> None:
        """From now on `take` gets what is delivered to this consumer."""
        self._takes[consumer_tag.encode()] = take

    def forget(self, consumer_tag: str) -> None:
        """The consumer has been canceled: nothing is delivered to it any more."""
        self._takes.pop(consumer_tag.encode(), None)

    def ack(self, tag: int, *, multiple: bool) -> None:
        """See `Acking`."""
        if self.usable:
            with suppress(OSError, RuntimeError):  # the broker delivers it again
                self._line.write(ack_frame(self.number, tag, multiple=multiple))

    def hand_over(self) -> None:
        """Give everybody what has gathered."""
        gathered, self._gathered = self._gathered, {}
        for consumer, deliveries in gathered.items():
            try:
                self._takes[consumer](deliveries)
            except Exception:
                log.exception("consumer.did_not_take", deliveries=len(deliveries))

    def _method(self, method: int, data: bytes, start: int, end: int) -> bool:
        self._consumer = None
        if method != BASIC_DELIVER:
            return False
        at = start + 5 + data[start + 4]
        consumer = data[start + 5 : at]
        if consumer not in self._takes:
            return False
        self._consumer = consumer
        (self._delivery_tag,) = LONG_LONG.unpack_from(data, at)
        self._names = data[at + _TAG_AND_FLAG : end]
        return True

    def _content(self, kind: int, data: bytes, start: int, end: int) -> bool:
        if self._consumer is None:
            return False
        if kind == HEADER:
            self._header = data[start:end]
            (self._missing,) = LONG_LONG.unpack_from(data, start + 4)
            if not self._missing:
                self._complete(b"")
            return True
        self._missing -= end - start
        if self._missing > 0:
            self._parts.append(data[start:end])
        elif self._parts:
            self._parts.append(data[start:end])
            self._complete(b"".join(self._parts))
        else:
            self._complete(data[start:end])
        return True

    def _complete(self, body: bytes) -> None:
        consumer = self._consumer
        assert consumer is not None
        delivery = Delivery(self, self._delivery_tag, self._names, self._header, body)
        gathered = self._gathered.get(consumer)
        if gathered is None:
            self._gathered[consumer] = [delivery]
        else:
            gathered.append(delivery)
        self._consumer = None
        self._parts = []
