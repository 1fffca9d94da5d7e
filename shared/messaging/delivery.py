"""A message as it was delivered: its bytes, and what has to be known to ack it.

Everything else a sender may write as it likes, and most of it nobody asks for: it is read when it
is asked for, and what cannot be read is left out (`properties`).
"""

from typing import Any, Protocol

from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.messaging.properties import read_any_properties

_COUNT = "x-delivery-count"
_COUNT_BYTES = _COUNT.encode()


class Acking(Protocol):
    """The channel that a delivery came by."""

    def ack(self, tag: int, *, multiple: bool) -> None:
        """Ack this one, or all up to it; on a closed channel nothing happens."""


class Delivery:
    """One message. `names`: exchange and routing key as AMQP writes them; `header`: as sent."""

    __slots__ = ("_header", "_names", "_properties", "body", "channel", "delivery_tag")

    def __init__(
        self, channel: Acking, delivery_tag: int, names: bytes, header: bytes, body: bytes
    ) -> None:
        self.channel = channel
        self.delivery_tag = delivery_tag
        self.body = body
        self._names = names
        self._header = header
        self._properties: Basic.Properties | None = None

    @property
    def exchange(self) -> str:
        """Where it was published; empty: straight to the queue."""
        return self._names[1 : 1 + self._names[0]].decode(errors="replace")

    @property
    def routing_key(self) -> str:
        """With what it was published."""
        return self._names[2 + self._names[0] :].decode(errors="replace")

    @property
    def headers(self) -> dict[str, Any]:
        """The sender's headers and the broker's."""
        return self._read().headers or {}

    @property
    def message_id(self) -> str | None:
        """What the sender calls it."""
        return self._read().message_id

    @property
    def type(self) -> str | None:
        """The sender's word for what it is."""
        return self._read().message_type

    @property
    def correlation_id(self) -> str | None:
        """What it belongs to."""
        return self._read().correlation_id

    @property
    def reply_to(self) -> str | None:
        """Which queue an answer is to be put into."""
        return self._read().reply_to

    @property
    def user_id(self) -> str | None:
        """The broker's user who published it: the broker refuses any other name."""
        return self._read().user_id

    @property
    def content_type(self) -> str | None:
        """The media type of the body."""
        return self._read().content_type

    @property
    def delivery_count(self) -> int:
        """How often it came back: counted by quorum queues, absent the first time."""
        if _COUNT_BYTES not in self._header:
            return 0
        count = self.headers.get(_COUNT, 0)
        return count if isinstance(count, int) else 0

    def _read(self) -> Basic.Properties:
        if self._properties is None:
            read_any_properties()
            header = ContentHeader()
            header.unmarshal(self._header)
            self._properties = header.properties
        return self._properties
