"""A channel that publishes: whole batches in one write, and one future for all their confirms.

The broker counts what it is sent on a channel (delivery tags), and so does this side. It confirms
in any order, several at once, and returns what nobody is bound for just before it confirms it.
Nobody waits for ever: while something is in flight the channel looks at the clock every second.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import aiormq
import structlog
from pamqp.header import ContentHeader

from shared.messaging.errors import BrokerBlockedError, UndeliverableError, UnroutableError
from shared.messaging.outgoing import Outgoing
from shared.messaging.wire.batch import SentBatch
from shared.messaging.wire.channel import Line, WireChannel
from shared.messaging.wire.encoding import Encoder
from shared.messaging.wire.frames import (
    BASIC_ACK,
    BASIC_NACK,
    BASIC_RETURN,
    HEADER,
    LONG_LONG,
    SHORT,
    read_short_string,
)

LOOK_SECONDS = 1.0
"""How soon after publishing it is noticed that the broker blocks."""
_MULTIPLE = 1

log = structlog.get_logger(__name__)


class PublishingChannel(WireChannel):
    """Publishes on a channel in confirm mode that nobody else publishes on."""

    def __init__(
        self, line: Line, underlay: aiormq.abc.AbstractChannel, app_id: str, frame_max: int
    ) -> None:
        super().__init__(line, underlay)
        self._loop = asyncio.get_running_loop()
        self._encoder = Encoder(self.number, frame_max, app_id)
        self._last_tag = 0
        self._in_flight: deque[SentBatch] = deque()
        self._watched = False
        self._returned: tuple[str, str] | None = None
        self._why = ""

    def send(self, messages: Sequence[Outgoing], deadline: float) -> SentBatch:
        """Write them all, at once. What AMQP cannot express is refused here, and the rest sent.

        `deadline`: in the loop's time, until when they are to be confirmed.
        """
        pieces: list[bytes] = []
        sent: list[Outgoing] = []
        refused: dict[int, UndeliverableError] = {}
        for number, message in enumerate(messages):
            try:
                pieces += self._encoder.encode(message)
            except Exception as error:
                refused[number] = UndeliverableError(f"it cannot be sent: {error!r}")
            else:
                sent.append(message)
        batch = SentBatch(self._last_tag + 1, sent, refused, deadline)
        if sent:
            self._line.write(b"".join(pieces))
            self._last_tag = batch.last
            self._in_flight.append(batch)
            self._watch()
        return batch

    def close(self, error: Exception) -> None:
        """Nothing in flight is heard of any more."""
        super().close(error)
        while self._in_flight:
            self._in_flight.popleft().fail(error)

    def _method(self, method: int, data: bytes, start: int, _end: int) -> bool:
        self._returned = None
        if method in (BASIC_ACK, BASIC_NACK):
            (tag,) = LONG_LONG.unpack_from(data, start + 4)
            problem = None
            if method == BASIC_NACK:
                problem = UndeliverableError("the broker refused it")
            self._note(tag, problem, multiple=bool(data[start + 12] & _MULTIPLE))
            return True
        if method == BASIC_RETURN:
            self._read_return(data, start)
            return True
        return False

    def _note(self, tag: int, problem: UndeliverableError | None, *, multiple: bool) -> None:
        in_flight = self._in_flight
        if multiple:
            tag = tag or self._last_tag
            for batch in in_flight:
                if batch.first > tag:
                    break
                batch.answer_up_to(tag, problem)
        else:
            for batch in in_flight:
                if batch.first <= tag <= batch.last:
                    batch.answer(tag, problem)
                    break
        while in_flight and not in_flight[0].missing:
            in_flight.popleft()

    def _read_return(self, data: bytes, start: int) -> None:
        (code,) = SHORT.unpack_from(data, start + 4)
        text, at = read_short_string(data, start + 6)
        exchange, at = read_short_string(data, at)
        routing_key, _ = read_short_string(data, at)
        self._why = f"no queue is bound for it: {code} {text}"
        self._returned = exchange, routing_key

    def _content(self, kind: int, data: bytes, start: int, end: int) -> bool:
        """Of a returned message: its header says which it is, its body is of no interest."""
        if self._returned is None:
            return False
        if kind == HEADER:
            header = ContentHeader()
            header.unmarshal(data[start:end])
            self._note_return((header.properties.message_id or "", *self._returned))
        return True

    def _note_return(self, returned: tuple[str, str, str]) -> None:
        problem = UnroutableError(self._why)
        if not any(batch.note_return(returned, problem) for batch in self._in_flight):
            log.warning("publisher.unknown_return", message_id=returned[0], routing_key=returned[2])

    def _watch(self) -> None:
        if not self._watched and self._in_flight:
            self._watched = True
            now = self._loop.time()
            when = min(self._in_flight[0].deadline, now + LOOK_SECONDS)
            self._loop.call_at(when, self._look)

    def _look(self) -> None:
        self._watched = False
        blocked = self._line.blocked
        now = self._loop.time()
        for batch in [*self._in_flight]:
            if blocked or batch.deadline <= now:
                self._in_flight.remove(batch)
                batch.fail(BrokerBlockedError() if blocked else TimeoutError())
        self._watch()
