"""A broker's side of a connection, in bytes; and what `wire` is given to stand on."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pamqp.frame
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.messaging.wire.frames import HEARTBEAT_FRAME

FRAME_MAX = 4096


def underlay(number: int = 1) -> Any:
    """aiormq's channel, as far as it is asked."""
    event = SimpleNamespace(is_set=lambda: False)
    return SimpleNamespace(number=number, is_closed=False, _Channel__close_event=event)


class FakeLine:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.lost = False
        self.blocked = False
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        if self.lost:
            raise ConnectionResetError
        self.written.append(data)


def frames(channel: int, *what: Any) -> list[bytes]:
    """Each as the broker would send it."""
    return [pamqp.frame.marshal(one, channel) for one in what]


def delivered(
    channel: int, tag: int, body_parts: Sequence[bytes], consumer: str = "ours", **properties: Any
) -> list[bytes]:
    """The frames of one delivery."""
    size = sum(map(len, body_parts))
    return frames(
        channel,
        Basic.Deliver(consumer, tag, False, "media.events", "media.ready.card"),
        ContentHeader(body_size=size, properties=Basic.Properties(**properties)),
        *map(ContentBody, body_parts),
    )


def without_heartbeats(data: bytes) -> bytes:
    """What was passed on, without what only says that the connection lives."""
    return data.replace(HEARTBEAT_FRAME, b"")
