"""Acknowledging several deliveries at once, without ever acking one that is still in hand."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import aiormq
from faststream.rabbit import RabbitMessage

GONE = (aiormq.AMQPError, RuntimeError, OSError)
"""The channel has closed: the broker delivers again, and handling is idempotent."""


class Acker:
    """Acks in as few frames as possible.

    Delivery tags count up on a channel. Everything up to the highest tag below which nothing is
    outstanding is acked by one frame (`multiple`), the rest one by one.
    """

    def __init__(self) -> None:
        self._channels: WeakKeyDictionary[Any, _Tags] = WeakKeyDictionary()

    async def ack(self, messages: Iterable[RabbitMessage]) -> None:
        """Ack all; a closed channel is no error."""
        by_channel: dict[Any, list[int]] = {}
        for message in messages:
            raw = message.raw_message
            with suppress(*GONE):  # so says a closed channel when it is asked for
                if raw.delivery_tag is not None:
                    by_channel.setdefault(raw.channel, []).append(raw.delivery_tag)
        for channel, tags in by_channel.items():
            together, single = self._channels.setdefault(channel, _Tags()).settle(tags)
            try:
                if together:
                    await channel.basic_ack(together, multiple=True)
                for tag in single:
                    await channel.basic_ack(tag)
            except GONE:
                continue


class _Tags:
    """Which tags of one channel are done: all up to `low`, and those in `early`."""

    def __init__(self) -> None:
        self.low = 0
        self.early: set[int] = set()

    def settle(self, tags: list[int]) -> tuple[int, list[int]]:
        """The tag to ack together with all below it (0: none), and those to ack one by one."""
        self.early.update(tags)
        while self.low + 1 in self.early:
            self.low += 1
            self.early.discard(self.low)
        together = max((tag for tag in tags if tag <= self.low), default=0)
        return together, sorted(tag for tag in tags if tag > self.low)
