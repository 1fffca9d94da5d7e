"""Frames by hand, where there is one for every message (AMQP 0-9-1, sections 4.2 and 2.3.5)."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

METHOD, HEADER, BODY = 1, 2, 3
DELIVER, RETURN = (60, 60), (60, 50)
ACK, NACK = (60, 80), (60, 120)

_FRAME = struct.Struct(">BHI")
_IDS = struct.Struct(">HH")
_CONTENT = struct.Struct(">HHQ")
_TAG = struct.Struct(">Q")
_CHANNEL = 1
_END = b"\xce"
_PERSISTENT = 2
_CONTENT_TYPE, _DELIVERY_MODE = 1 << 15, 1 << 12
_MANDATORY = 1


def frame(kind: int, payload: bytes) -> bytes:
    """One frame of the only channel."""
    return _FRAME.pack(kind, _CHANNEL, len(payload)) + payload + _END


def short(text: str) -> bytes:
    """A short string."""
    encoded = text.encode()
    return bytes((len(encoded),)) + encoded


class Publishing:
    """What publishes of one address have in common, encoded once: mandatory and persistent."""

    def __init__(self, exchange: str, routing_key: str, content_type: str) -> None:
        method = _IDS.pack(60, 40) + b"\0\0" + short(exchange) + short(routing_key)
        self._method = frame(METHOD, method + bytes((_MANDATORY,)))
        flags = struct.pack(">H", _CONTENT_TYPE | _DELIVERY_MODE)
        self._properties = flags + short(content_type) + bytes((_PERSISTENT,))

    def encode(self, bodies: Iterable[bytes]) -> bytes:
        """The frames of one publish for each body; none may be longer than a frame."""
        return b"".join(self._one(body) for body in bodies)

    def _one(self, body: bytes) -> bytes:
        header = _CONTENT.pack(60, 0, len(body)) + self._properties
        return self._method + frame(HEADER, header) + frame(BODY, body)


def ack(tag: int) -> bytes:
    """Everything up to this delivery is done with."""
    return frame(METHOD, _IDS.pack(*ACK) + _TAG.pack(tag) + b"\x01")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it came; ``ids`` are class and method of a method frame."""

    kind: int
    ids: tuple[int, int]
    payload: bytes
    raw: bytes


def split(buffer: bytes) -> Iterator[Frame]:
    """The whole frames at the beginning of the buffer; the sum of their `raw` is used up."""
    at, size = 0, len(buffer)
    while at + 7 < size:
        kind, _, length = _FRAME.unpack_from(buffer, at)
        end = at + 8 + length
        if end > size:
            return
        payload = buffer[at + 7 : end - 1]
        ids = _IDS.unpack_from(payload) if kind == METHOD else (0, 0)
        yield Frame(kind, (ids[0], ids[1]), payload, buffer[at:end])
        at = end


def confirmed(payload: bytes) -> tuple[int, bool]:
    """Tag of a basic.ack or basic.nack, and whether it is for all before it too."""
    return _TAG.unpack_from(payload, 4)[0], bool(payload[12] & 1)


def delivery_tag(payload: bytes) -> int:
    """Of a basic.deliver."""
    after_consumer = 5 + payload[4]
    return int(_TAG.unpack_from(payload, after_consumer)[0])


def body_size(payload: bytes) -> int:
    """Of a content header."""
    return int(_CONTENT.unpack_from(payload)[2])
