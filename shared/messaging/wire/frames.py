"""AMQP 0-9-1 frames as bytes (specification, section 4.2.3): type, channel, size, payload, end."""

import struct

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
END = 0xCE
END_BYTE = b"\xce"
OVERHEAD = 8
"""Bytes of a frame that are not payload."""

HEAD = struct.Struct(">BHI")
SHORT = struct.Struct(">H")
LONG = struct.Struct(">I")
LONG_LONG = struct.Struct(">Q")

HEARTBEAT_FRAME = HEAD.pack(HEARTBEAT, 0, 0) + END_BYTE

CONNECTION_BLOCKED = 10 << 16 | 60
CONNECTION_UNBLOCKED = 10 << 16 | 61
CHANNEL_CLOSE = 20 << 16 | 40
CHANNEL_CLOSE_OK = 20 << 16 | 41
BASIC_PUBLISH = 60 << 16 | 40
BASIC_RETURN = 60 << 16 | 50
BASIC_DELIVER = 60 << 16 | 60
BASIC_ACK = 60 << 16 | 80
BASIC_NACK = 60 << 16 | 120

_ACK = struct.Struct(">BHIIQBB")
_LENGTHS = tuple(bytes((length,)) for length in range(256))


def ack_frame(channel: int, tag: int, *, multiple: bool) -> bytes:
    """Basic.Ack of one delivery, or of all up to it."""
    return _ACK.pack(METHOD, channel, 13, BASIC_ACK, tag, multiple, END)


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    """One frame."""
    return b"".join((HEAD.pack(kind, channel, len(payload)), payload, END_BYTE))


def short_string(text: str) -> bytes:
    """A short string. Raises `ValueError` when it has more than 255 bytes."""
    raw = text.encode()
    if len(raw) > 255:
        raise ValueError(f"{len(raw)} bytes are too many for a short string")
    return _LENGTHS[len(raw)] + raw


def read_short_string(data: bytes, at: int) -> tuple[str, int]:
    """The text that begins there, and where it ends. What is not UTF-8 is replaced."""
    end = at + 1 + data[at]
    return data[at + 1 : end].decode(errors="replace"), end
