"""Acknowledging several deliveries at once, without ever acking one that is still in hand."""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from shared.messaging.delivery import Acking, Delivery


class Acker:
    """Acks in as few frames as possible.

    Delivery tags count up on a channel. Everything up to the highest tag below which nothing is
    outstanding is acked by one frame (`multiple`), the rest one by one.
    """

    def __init__(self) -> None:
        self._channels: WeakKeyDictionary[Acking, _Tags] = WeakKeyDictionary()

    def ack(self, messages: Iterable[Delivery]) -> None:
        """Ack all; on a closed channel nothing happens: the broker delivers again."""
        by_channel: dict[Acking, list[int]] = {}
        for message in messages:
            by_channel.setdefault(message.channel, []).append(message.delivery_tag)
        for channel, tags in by_channel.items():
            together, single = self._channels.setdefault(channel, _Tags()).settle(tags)
            if together:
                channel.ack(together, multiple=True)
            for tag in single:
                channel.ack(tag, multiple=False)


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
