"""Where answers may go, and those that nobody keeps: RabbitMQ's direct reply-to.

An answer goes by the default exchange straight into the queue that its question names. Into our own
queues nobody is answered: that would be a way past the permissions of whoever asks. A direct reply
is delivered to a consumer on the same connection or to nobody, and RabbitMQ ends the connection of
whoever publishes to an address that it cannot read. So these go over a connection of their own,
from memory, one after the other.
"""

import asyncio
import contextlib
import re
from base64 import b64decode
from collections.abc import Iterable
from typing import Protocol

import structlog

from shared.canceling import end
from shared.errors import DarkroomError
from shared.events import CloudEvent
from shared.messaging import topology
from shared.messaging.outgoing import Outgoing, outgoing

DIRECT = "amq.rabbitmq.reply-to"
"""What a client consumes from and names; the broker puts the address behind it."""
MOST_WAITING = 10_000
PATIENCE_SECONDS = 5.0
"""How long the broker has to take one."""

_OURS = re.compile(rf"(api|generator|notifier|media|live)\.|{topology.DEAD_LETTERS}(\.|$)")
_OF_THE_BROKER = re.compile(r"amq\.(?!gen-)")
_ADDRESS = re.compile(r"([A-Za-z0-9+/]+={0,2})\.[A-Za-z0-9+/]+={0,2}")
_PROCESS = (b"\x83X", b"\x83g")
"""How a process begins in Erlang's external term format."""

log = structlog.get_logger(__name__)


class TakesAnswers(Protocol):
    """What is needed of whoever sends answers that need not last."""

    def send(self, answers: Iterable[Outgoing]) -> None: ...


class Publishes(Protocol):
    """What direct answers need of a publisher."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def publish(self, message: Outgoing) -> None: ...


def answer(event: CloudEvent, queue: str, correlation_id: str | None) -> Outgoing:
    """The message that carries `event` to the one queue where somebody waits for it.

    `correlation_id`: what the question is called there; else what the event belongs to. Direct
    replies are not mandatory: RabbitMQ returns those also when it delivers them.
    """
    message = outgoing(event)
    message.exchange, message.routing_key = topology.DEFAULT, queue
    message.correlation_id = correlation_id or event.correlationid
    message.mandatory = message.persistent = not is_direct(queue)
    return message


def is_direct(queue: str) -> bool:
    """Whether it is the address of a direct reply."""
    return queue.startswith(DIRECT)


def lasting_address(queue: str | None) -> str | None:
    """What may be said once more as `reply_to` of a message that another has sent.

    Not the bare word for direct replies: RabbitMQ would put our own address in its place.
    """
    return None if queue == DIRECT else queue


def why_not(queue: str) -> str | None:
    """Why nobody is answered there; None: answers may go to this queue."""
    if not queue.isprintable():
        return "is no name of a queue"
    if is_direct(queue):
        return None if _is_readable(queue) else "is no address that RabbitMQ gives: say " + DIRECT
    if _OURS.match(queue):
        return "is a queue of Darkroom: name one of your own"
    if _OF_THE_BROKER.match(queue):
        return f"is RabbitMQ's own: name a queue of yours, or {DIRECT}"
    return None


def _is_readable(queue: str) -> bool:
    found = _ADDRESS.fullmatch(queue.removeprefix(f"{DIRECT}."))
    if found is None:
        return False
    with contextlib.suppress(ValueError):
        return b64decode(found[1], validate=True).startswith(_PROCESS)
    return False


class DirectAnswers:
    """Sends them in the background, while somebody still waits. What cannot be sent is logged."""

    def __init__(self, publisher: Publishes) -> None:
        self._publisher = publisher
        self._waiting: asyncio.Queue[Outgoing] = asyncio.Queue(MOST_WAITING)
        self._task: asyncio.Task[None] | None = None
        self._open = False

    def send(self, answers: Iterable[Outgoing]) -> None:
        """Send these, in order, without waiting for it."""
        for answer in answers:
            if self._waiting.full():
                _note_lost(answer, "too many wait")
            else:
                self._waiting.put_nowait(answer)
        if self._task is None and not self._waiting.empty():
            self._task = asyncio.create_task(self._run(), name="direct-answers")

    async def stop(self) -> None:
        """Send what waits, if that is quickly done."""
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._waiting.join()
            await end([self._task])
        await self._publisher.stop()

    async def _run(self) -> None:
        while True:
            answer = await self._waiting.get()
            try:
                await self._send(answer)
            finally:
                self._waiting.task_done()

    async def _send(self, answer: Outgoing) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                if not self._open:
                    await self._publisher.start()
                    self._open = True
                await self._publisher.publish(answer)
        except (DarkroomError, TimeoutError) as error:
            _note_lost(answer, str(error) or "no answer of the broker")
            self._open = False
            await self._publisher.stop()


class NoAnswers:
    """Where nobody can be answered directly: in tests, and where only documents are made."""

    def send(self, answers: Iterable[Outgoing]) -> None:
        """Say that they are lost."""
        for answer in answers:
            _note_lost(answer, "nobody sends direct answers here")


def _note_lost(answer: Outgoing, why: str) -> None:
    log.warning(
        "answers.lost",
        queue=answer.routing_key,
        message_id=answer.message_id,
        correlation_id=answer.correlation_id,
        error=why,
    )
