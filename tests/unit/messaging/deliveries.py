"""Builders: deliveries as the broker would make them, and a channel that keeps its books."""

from typing import Any

from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.messaging.delivery import Acking, Delivery
from shared.messaging.wire.frames import short_string


class FakeChannel:
    """Keeps the broker's books: which tags are acked, in how many frames."""

    def __init__(self, *, closed: bool = False) -> None:
        self.acked: set[int] = set()
        self.frames = 0
        self.closed = closed

    def ack(self, tag: int, *, multiple: bool) -> None:
        if self.closed:
            return
        self.frames += 1
        tags = set(range(1, tag + 1)) if multiple else {tag}
        assert multiple or tag not in self.acked, "acked twice: the broker would close"
        self.acked |= tags


def a_delivery(
    body: bytes = b"{}",
    *,
    channel: Acking | None = None,
    tag: int = 1,
    exchange: str = "media.events",
    routing_key: str = "media.ready.card",
    **properties: Any,
) -> Delivery:
    """A message with these properties."""
    header = ContentHeader(body_size=len(body), properties=Basic.Properties(**properties))
    names = short_string(exchange) + short_string(routing_key)
    return Delivery(channel or FakeChannel(), tag, names, header.marshal(), body)
