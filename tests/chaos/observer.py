"""An independent listener: a durable queue of its own that hears everything, with aio-pika alone.

What it saw is the evidence for "exactly one final event": ids, how often, and what they said.
"""

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import orjson
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from tests.chaos.orders import Json
from tests.chaos.wire import Wire
from tests.hearing import Word

QUEUE = "chaos.observer"
EXCHANGES = ("media.events", "media.commands", "media.dead")
FINAL_TYPES = {
    f"darkroom.media.{state}.v1": state for state in ("ready", "failed", "canceled", "expired")
}
REJECTED = "darkroom.media.rejected.v1"
_REMEMBERED = 3000
_AT_ONCE = 500


@dataclass
class Sighting:
    """One event id, and what came under it."""

    id: str
    type: str
    subject: str | None
    correlation_id: str | None
    first_at: float
    exchange: str
    deliveries: int = 0
    redelivered: int = 0
    """Deliveries that the broker repeated to us: no sign of anybody publishing twice."""
    words: set[str] = field(default_factory=set)
    """Hashes of what it said; more than one: the same id for different things."""
    command_id: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it was, to be published again."""

    exchange: str
    routing_key: str
    message: AbstractIncomingMessage


class Observer:
    """Listens from before the load until the end."""

    def __init__(self, wire: Wire, now: Callable[[], float]) -> None:
        self._wire = wire
        self._now = now
        self._task: asyncio.Task[None] | None = None
        self._ended: dict[str, asyncio.Future[str]] = {}
        self._begun: dict[str, asyncio.Future[str]] = {}
        self.listening = asyncio.Event()
        self.sightings: dict[str, Sighting] = {}
        self.ends: dict[str, Word] = {}
        """The final events, as other listeners are to have heard them."""
        self.unreadable = 0
        self.deliveries = 0
        self.remembered: deque[Heard] = deque(maxlen=_REMEMBERED)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="observer")
        await self.listening.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def final_of(self, job_id: str) -> "asyncio.Future[str]":
        """Set to the state that the job's first final event says."""
        return _future(self._ended, job_id)

    def job_of(self, command_id: str) -> "asyncio.Future[str]":
        """Set to the job that a command became: its events carry the command's id."""
        return _future(self._begun, command_id)

    def types(self) -> Counter[str]:
        """How many events of each type, each id once."""
        return Counter(sighting.type for sighting in self.sightings.values())

    async def _run(self) -> None:
        while True:
            with suppress(Exception):  # whatever aiormq calls a connection that has died
                await self._listen()
            await asyncio.sleep(0.3)

    async def _listen(self) -> None:
        connection = await self._wire.connect()
        try:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=_AT_ONCE)
            queue = await _declare(channel)
            async with queue.iterator() as messages:
                self.listening.set()
                async for message in messages:
                    self._hear(message)
                    await message.ack()
        finally:
            with suppress(Exception):
                async with asyncio.timeout(1):
                    await connection.close()

    def _hear(self, message: AbstractIncomingMessage) -> None:
        self.deliveries += 1
        try:
            event: Json = orjson.loads(message.body)
            self._note(message, event)
        except (ValueError, KeyError, TypeError):
            self.unreadable += 1
            return
        self.remembered.append(Heard(message.exchange or "", message.routing_key or "", message))

    def _note(self, message: AbstractIncomingMessage, event: Json) -> None:
        sighting = self.sightings.get(event["id"])
        if sighting is None:
            sighting = self.sightings[event["id"]] = Sighting(
                id=event["id"],
                type=event["type"],
                subject=event.get("subject"),
                correlation_id=event.get("correlationid"),
                first_at=self._now(),
                exchange=message.exchange or "",
                command_id=event["data"].get("command_id"),
            )
        sighting.deliveries += 1
        sighting.redelivered += bool(message.redelivered)
        said = orjson.dumps(event["data"], option=orjson.OPT_SORT_KEYS)
        sighting.words.add(hashlib.sha256(event["type"].encode() + said).hexdigest()[:16])
        if sighting.type in FINAL_TYPES:
            self.ends.setdefault(sighting.id, Word.read(message.body))
        self._tell(sighting)

    def _tell(self, sighting: Sighting) -> None:
        """Whoever waits for this job."""
        if sighting.subject is None:
            return
        if sighting.correlation_id is not None:
            _set(self.job_of(sighting.correlation_id), sighting.subject)
        if final := FINAL_TYPES.get(sighting.type):
            _set(self.final_of(sighting.subject), final)


def _future(futures: "dict[str, asyncio.Future[str]]", key: str) -> "asyncio.Future[str]":
    if key not in futures:
        futures[key] = asyncio.get_running_loop().create_future()
    return futures[key]


def _set(future: "asyncio.Future[str]", value: str) -> None:
    if not future.done():
        future.set_result(value)


async def _declare(channel: AbstractChannel) -> AbstractQueue:
    queue = await channel.declare_queue(
        QUEUE, durable=True, arguments={"x-queue-type": "quorum"}, timeout=10
    )
    for exchange in EXCHANGES:
        await queue.bind(exchange, "#", timeout=10)
    return queue
