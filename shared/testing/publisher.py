"""A publisher that remembers instead of sending; it keeps the promises of the real one."""

from collections.abc import Sequence

from shared.events import CloudEvent, decode
from shared.messaging.errors import UnroutableError
from shared.messaging.outgoing import Outgoing
from shared.messaging.publisher import BrokerUnavailableError, UndeliverableError


class RecordingPublisher:
    """A `PublishesMany` for tests.

    `away` makes it a broker that cannot be reached; routing keys in `unroutable` have no queue, so
    mandatory messages come back and others vanish.
    """

    def __init__(self) -> None:
        self.published: list[Outgoing] = []
        self.unroutable: set[str] = set()
        self.away = False

    @property
    def events(self) -> list[CloudEvent]:
        """What was published, decoded."""
        return [decode(message.body) for message in self.published]

    async def publish_many(self, messages: Sequence[Outgoing]) -> list[UndeliverableError | None]:
        """Remember all that can be routed; answers each message, in order."""
        if self.away:
            raise BrokerUnavailableError("RabbitMQ is away")
        return [self._publish(message) for message in messages]

    async def publish(self, message: Outgoing) -> None:
        """Remember one. Raises what the real one raises."""
        [problem] = await self.publish_many([message])
        if problem is not None:
            raise problem

    def _publish(self, message: Outgoing) -> UndeliverableError | None:
        if message.routing_key not in self.unroutable:
            self.published.append(message)
            return None
        return UnroutableError("no queue is bound for it") if message.mandatory else None
