"""A broker that forgets nothing and promises nothing: the machine says what it does.

Queues and bindings are those of the topology. Messages stay in their queue until they are acked,
come in any order and any number of times, and publishing fails in every way that it can.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from shared.events import CloudEvent, decode
from shared.messaging.outgoing import Outgoing, outgoing
from shared.messaging.publisher import BrokerUnavailableError, UndeliverableError
from shared.messaging.topology import (
    GENERATOR_CONTROL,
    GENERATOR_QUEUES,
    NOTIFIER_OUTCOMES,
    NOTIFIER_QUEUES,
    work_queues,
)

REQUESTS, CONTROL, OUTCOMES = "requests", GENERATOR_CONTROL, NOTIFIER_OUTCOMES


class Fault(StrEnum):
    """How publishing a batch fails."""

    NONE = "none"
    AWAY = "nothing is published"
    CUT = "half is published, nothing confirmed"
    UNCONFIRMED = "all is published, nothing confirmed"
    RETURNED = "the first is returned"


class FakeBroker:
    """A `PublishesMany` with queues behind it. The work queues are one here: `REQUESTS`."""

    def __init__(self, generators: Iterable[str]) -> None:
        self.queues: dict[str, list[CloudEvent]] = {REQUESTS: [], CONTROL: [], OUTCOMES: []}
        self.acked: dict[str, list[CloudEvent]] = {queue: [] for queue in self.queues}
        self.published: list[CloudEvent] = []
        self.fault = Fault.NONE
        self._bindings = [
            (
                binding.exchange,
                binding.pattern,
                queue.name if queue.name in self.queues else REQUESTS,
            )
            for queue in (*GENERATOR_QUEUES, *NOTIFIER_QUEUES, *work_queues(generators))
            for binding in queue.bindings
        ]

    async def publish_many(self, messages: Sequence[Outgoing]) -> list[UndeliverableError | None]:
        """Publish as well as the present fault allows."""
        if self.fault is Fault.RETURNED:
            self._publish(messages[1:])
            return [UndeliverableError("no queue is bound for it"), *[None] * (len(messages) - 1)]
        if self.fault is not Fault.AWAY:
            self._publish(messages[: len(messages) // 2] if self.fault is Fault.CUT else messages)
        if self.fault is not Fault.NONE:
            raise BrokerUnavailableError(self.fault.value)
        return [None] * len(messages)

    def send(self, event: CloudEvent) -> None:
        """Publish one event of somebody who is not part of the model."""
        self._publish([outgoing(event)])

    def look(self, queue: str, picks: Iterable[int]) -> list[CloudEvent]:
        """The messages at these places, each once, in this order; places come round.

        Those that were acked come first, then those that wait: -1 is the newest.
        """
        once = self.acked[queue] + self.queues[queue]
        return [once[place] for place in dict.fromkeys(pick % len(once) for pick in picks if once)]

    def ack(self, queue: str, events: Iterable[CloudEvent]) -> None:
        """These were handled: those that still waited do so no more."""
        for event in events:
            if event in self.queues[queue]:
                self.queues[queue].remove(event)
                self.acked[queue].append(event)

    def _publish(self, messages: Sequence[Outgoing]) -> None:
        for message in messages:
            self.published.append(self._route(message))

    def _route(self, message: Outgoing) -> CloudEvent:
        event = decode(message.body)
        queues = {
            queue
            for exchange, pattern, queue in self._bindings
            if exchange == message.exchange and _matches(pattern, message.routing_key)
        }
        for queue in queues:
            self.queues[queue].append(event)
        return event


def _matches(pattern: str, key: str) -> bool:
    """Whether a binding takes a key; of wildcards the topology uses only a last `#`."""
    stem = pattern.removesuffix(".#")
    return key == stem or (stem != pattern and key.startswith(f"{stem}."))
