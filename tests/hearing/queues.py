"""Another team's service: a queue of its own, bound to how jobs end, read with aio-pika alone."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import aio_pika
from aio_pika.abc import AbstractConnection

from tests.hearing.words import Word

ENDS = ("media.ready.#", "media.failed.#", "media.canceled.#", "media.expired.#")
_COMES_BACK_AFTER = 0.3
_ANSWERS_WITHIN = 5.0


class QueueEar:
    """Reads `queue` as long as it is started, whatever becomes of the broker."""

    def __init__(self, url: str, queue: str, patterns: Sequence[str] = ENDS) -> None:
        self._url = url
        self._queue = queue
        self._patterns = patterns
        self._task: asyncio.Task[None] | None = None
        self.words: list[Word] = []
        self.listening = asyncio.Event()
        self.opened = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._listen(), name=f"reading {self._queue}")

    async def stop(self) -> None:
        """And remove the queue."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        connection = await self._connect()
        async with connection:
            await (await connection.channel()).queue_delete(self._queue)

    async def _listen(self) -> None:
        while True:
            with suppress(Exception):  # whatever aiormq calls a connection that has died
                await self._once()
            await asyncio.sleep(_COMES_BACK_AFTER)

    async def _once(self) -> None:
        connection = await self._connect()
        try:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=100)
            queue = await channel.declare_queue(
                self._queue, durable=True, arguments={"x-queue-type": "quorum"}
            )
            for pattern in self._patterns:
                await queue.bind("media.events", pattern)
            self.opened += 1
            async with queue.iterator() as messages:
                self.listening.set()
                async for message in messages:
                    self.words.append(Word.read(message.body))
                    await message.ack()
        finally:
            with suppress(Exception):
                async with asyncio.timeout(1):
                    await connection.close()

    async def _connect(self) -> AbstractConnection:
        async with asyncio.timeout(_ANSWERS_WITHIN):
            return await aio_pika.connect(self._url, heartbeat=5)
