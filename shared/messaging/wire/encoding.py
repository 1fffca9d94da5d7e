"""Messages as the frames that publish them: Basic.Publish, a content header, the body."""

import struct

from pamqp import encode

from shared.messaging.outgoing import Outgoing
from shared.messaging.wire.frames import (
    BASIC_PUBLISH,
    BODY,
    END_BYTE,
    HEAD,
    HEADER,
    LONG,
    LONG_LONG,
    METHOD,
    OVERHEAD,
    frame,
    short_string,
)

_CONTENT_TYPE, _HEADERS, _DELIVERY_MODE, _CORRELATION_ID = 1 << 15, 1 << 13, 1 << 12, 1 << 10
_REPLY_TO, _MESSAGE_ID, _TIMESTAMP, _TYPE = 1 << 9, 1 << 7, 1 << 6, 1 << 5
_USER_ID, _APP_ID = 1 << 4, 1 << 3
_BASIC = 60
_HEADER_HEAD = struct.Struct(">BHIHHQH")
_HEADER_FIXED = 14
"""Bytes of a content header before its properties: class, weight, body size, flags."""
_PERSISTENT, _TRANSIENT = b"\x02", b"\x01"
_MOST_REMEMBERED = 1000


class Encoder:
    """Encodes for one channel. What repeats (where to, what type) is encoded once."""

    def __init__(self, channel: int, frame_max: int, app_id: str) -> None:
        self._channel = channel
        self._largest = frame_max - OVERHEAD
        self._app_id = short_string(app_id)
        self._methods: dict[tuple[str, str, bool], bytes] = {}
        self._strings: dict[str, bytes] = {}

    def encode(self, message: Outgoing) -> list[bytes]:
        """The message's frames, in pieces. Raises `ValueError` and others at AMQP's limits."""
        body = message.body
        flags, properties = self._properties(message)
        size = _HEADER_FIXED + len(properties)
        if size > self._largest:
            raise ValueError(f"{size:,} bytes of headers are too many")
        head = _HEADER_HEAD.pack(HEADER, self._channel, size, _BASIC, 0, len(body), flags)
        pieces = [self._method(message), head, properties]
        if len(body) <= self._largest:
            if body:
                pieces += (END_BYTE, HEAD.pack(BODY, self._channel, len(body)), body)
            pieces.append(END_BYTE)
            return pieces
        pieces.append(END_BYTE)
        for start in range(0, len(body), self._largest):
            pieces.append(frame(BODY, self._channel, body[start : start + self._largest]))
        return pieces

    def _method(self, message: Outgoing) -> bytes:
        key = (message.exchange, message.routing_key, message.mandatory)
        known = self._methods.get(key)
        if known is None:
            exchange, routing_key = short_string(message.exchange), short_string(key[1])
            reserved = b"\0\0"
            payload = LONG.pack(BASIC_PUBLISH) + reserved + exchange + routing_key
            known = frame(METHOD, self._channel, payload + bytes((message.mandatory,)))
            if len(self._methods) >= _MOST_REMEMBERED:
                self._methods.clear()
            self._methods[key] = known
        return known

    def _properties(self, message: Outgoing) -> tuple[int, bytes]:
        """In the order of the specification, which is that of the flags; empty text is left out."""
        flags = _DELIVERY_MODE | _APP_ID
        parts: list[bytes] = []
        if message.content_type:
            flags |= _CONTENT_TYPE
            parts.append(self._repeated(message.content_type))
        if message.headers:
            flags |= _HEADERS
            parts.append(encode.field_table(dict(message.headers)))
        parts.append(_PERSISTENT if message.persistent else _TRANSIENT)
        if message.correlation_id:
            flags |= _CORRELATION_ID
            parts.append(short_string(message.correlation_id))
        if message.reply_to:
            flags |= _REPLY_TO
            parts.append(short_string(message.reply_to))
        if message.message_id:
            flags |= _MESSAGE_ID
            parts.append(short_string(message.message_id))
        if message.timestamp is not None:
            flags |= _TIMESTAMP
            parts.append(LONG_LONG.pack(int(message.timestamp.timestamp())))
        if message.type:
            flags |= _TYPE
            parts.append(self._repeated(message.type))
        if message.user_id:
            flags |= _USER_ID
            parts.append(self._repeated(message.user_id))
        parts.append(self._app_id)
        return flags, b"".join(parts)

    def _repeated(self, text: str) -> bytes:
        known = self._strings.get(text)
        if known is None:
            if len(self._strings) >= _MOST_REMEMBERED:
                self._strings.clear()
            known = self._strings[text] = short_string(text)
        return known
