"""Messages that come again: as they were, from the past, in order or shuffled.

At-least-once delivery means that this happens; here it happens on purpose, and much more often.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Sequence

import aio_pika

from tests.chaos.observer import Heard
from tests.chaos.wire import Mouth

MOST = 400
_AT_ONCE = 50


class Republisher:
    """Publishes again what the observer has heard; counts it, so that it is blamed on nobody."""

    def __init__(self, mouth: Mouth, remembered: Iterable[Heard]) -> None:
        self._mouth = mouth
        self._remembered = remembered
        self.published: Counter[str] = Counter()
        """Message ids, and how often they were said again."""

    async def repeat(self, chance: random.Random) -> int:
        """A stretch of the past, in its order. Answers how many."""
        past = self._past()
        begin = chance.randrange(max(1, len(past) - MOST))
        return await self._publish(past[begin : begin + MOST])

    async def shuffle(self, chance: random.Random) -> int:
        """Pieces of the past in any order, each up to three times. Answers how many."""
        past = self._past()
        return await self._publish(chance.choices(past, k=min(MOST, 2 * len(past))) if past else [])

    def _past(self) -> Sequence[Heard]:
        return [heard for heard in self._remembered if heard.exchange != "media.dead"]

    async def _publish(self, again: Sequence[Heard]) -> int:
        for begin in range(0, len(again), _AT_ONCE):
            some = again[begin : begin + _AT_ONCE]
            await asyncio.gather(*(self._say(heard) for heard in some))
        return len(again)

    async def _say(self, heard: Heard) -> None:
        message = heard.message
        copy = aio_pika.Message(
            message.body,
            headers=message.headers,
            content_type=message.content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=message.message_id,
            correlation_id=message.correlation_id,
            timestamp=message.timestamp,
            type=message.type,
            app_id=message.app_id,
        )
        await self._mouth.say(heard.exchange, heard.routing_key, copy)
        self.published[message.message_id or ""] += 1
