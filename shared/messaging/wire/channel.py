"""One channel's frames, as far as they are not aiormq's business."""

from typing import Protocol

import aiormq

from shared.messaging.wire.frames import (
    CHANNEL_CLOSE,
    CHANNEL_CLOSE_OK,
    LONG,
    METHOD,
    SHORT,
    read_short_string,
)


class Line(Protocol):
    """The connection underneath."""

    @property
    def lost(self) -> bool:
        """Whether it has ended."""

    @property
    def blocked(self) -> bool:
        """Whether the broker wants nothing published on it now."""

    def write(self, data: bytes) -> None:
        """Send whole frames; raises `OSError` or `RuntimeError` when it has ended."""


class WireChannel:
    """Takes the frames of one of aiormq's channels out of the stream, before aiormq sees them."""

    def __init__(self, line: Line, underlay: aiormq.abc.AbstractChannel) -> None:
        self.underlay = underlay
        self.number: int = underlay.number
        self._line = line
        self._closed: Exception | None = None

    @property
    def usable(self) -> bool:
        """Whether frames may be sent: after a close the broker ends the connection for them."""
        return not (
            self._closed is not None
            or self._line.lost
            or self.underlay.is_closed
            or self.underlay._Channel__close_event.is_set()  # type: ignore[attr-defined]
        )

    def receive(self, kind: int, data: bytes, start: int, end: int) -> bool:
        """A frame with its payload at `data[start:end]`. Answers whether it was for here."""
        if kind != METHOD:
            return self._content(kind, data, start, end)
        (method,) = LONG.unpack_from(data, start)
        if method in (CHANNEL_CLOSE, CHANNEL_CLOSE_OK):
            self.close(aiormq.ChannelClosed(*_reason(method, data, start)))
            return False
        return self._method(method, data, start, end)

    def close(self, error: Exception) -> None:
        """Nothing more comes or may be sent, for that reason."""
        self._closed = error

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._closed is not None

    def hand_over(self) -> None:
        """All that arrived together has been received."""

    def _method(self, method: int, data: bytes, start: int, end: int) -> bool:
        raise NotImplementedError

    def _content(self, kind: int, data: bytes, start: int, end: int) -> bool:
        raise NotImplementedError


def _reason(method: int, data: bytes, start: int) -> tuple[int | None, str | None]:
    if method != CHANNEL_CLOSE:
        return None, None
    (code,) = SHORT.unpack_from(data, start + 4)
    return code, read_short_string(data, start + 6)[0]
