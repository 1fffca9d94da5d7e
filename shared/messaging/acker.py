"""Acknowledging several deliveries at once, without ever acking one that is still in hand."""

import asyncio
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from shared.messaging.delivery import Acking, Delivery


class Acker:
    """Acks in as few frames as possible.

    Delivery tags count up on a channel. Everything up to the highest tag below which nothing is
    outstanding is acked by one frame (`multiple`), the rest one by one. An ack may wait `patience`
    seconds for others, unless `enough` have gathered: the broker has as much work with each.
    """

    def __init__(self, *, patience: float = 0.0, enough: int = 1) -> None:
        self._channels: WeakKeyDictionary[Acking, _Tags] = WeakKeyDictionary()
        self._patience = patience
        self._enough = enough
        self._waiting: dict[Acking, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def ack(self, messages: Iterable[Delivery]) -> None:
        """Ack all; on a closed channel nothing happens: the broker delivers again."""
        by_channel: dict[Acking, list[int]] = {}
        for message in messages:
            by_channel.setdefault(message.channel, []).append(message.delivery_tag)
        for channel, tags in by_channel.items():
            self._channels.setdefault(channel, _Tags()).note(tags)
            self._waiting[channel] = self._waiting.get(channel, 0) + len(tags)
        if not self._patience or max(self._waiting.values(), default=0) >= self._enough:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._patience, self.flush)

    def flush(self) -> None:
        """Let no ack wait any longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, {}
        for channel in waiting:
            together, single = self._channels[channel].settle()
            if together:
                channel.ack(together, multiple=True)
            for tag in single:
                channel.ack(tag, multiple=False)


class _Tags:
    """Which tags of one channel are done: all up to `low`, and those in `early`."""

    def __init__(self) -> None:
        self.low = 0
        self.early: set[int] = set()
        self.unsettled: list[int] = []

    def note(self, tags: list[int]) -> None:
        """These are done."""
        self.unsettled += tags
        self.early.update(tags)
        while self.low + 1 in self.early:
            self.low += 1
            self.early.discard(self.low)

    def settle(self) -> tuple[int, list[int]]:
        """The tag to ack together with all below it (0: none), and those to ack one by one.

        No tag is acked twice, not even as the last of several: the broker would close the channel.
        """
        tags, self.unsettled = self.unsettled, []
        together = max((tag for tag in tags if tag <= self.low), default=0)
        return together, sorted(tag for tag in tags if tag > self.low)
