"""The api's queues: what moves the read model, commands, dead letters; and the live news."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from faststream import AckPolicy
from faststream.rabbit import (
    Channel,
    ExchangeType,
    RabbitBroker,
    RabbitExchange,
    RabbitMessage,
    RabbitQueue,
)

from services.api.models import DeadLetter
from services.api.service import ApiServices
from services.api.service.command_reading import Command, Sender, read_command
from services.api.service.dead_messages import DeadMessage, dead_letter_of
from services.api.service.live_events import LiveEvent
from services.api.service.projection import ReceivedEvent
from shared.clock import Clock, NewId
from shared.events import (
    CloudEvent,
    MediaProgressed,
    UndecodableMessageError,
    UnknownTypeError,
    decode,
)
from shared.messaging import topology
from shared.messaging.dead_letters import sender_of
from shared.messaging.delivery import Delivery
from shared.messaging.publisher import PublishesMany
from shared.messaging.subscriber import BatchSubscriber
from shared.observability import wide_event

UNUSED_EXPIRES_MS = 60_000

log = structlog.get_logger(__name__)


def api_subscribers(
    services: ApiServices,
    publisher: PublishesMany,
    clock: Clock,
    new_id: NewId,
    *,
    user: str | None = None,
) -> list[BatchSubscriber[Any]]:
    """One for each of the api's durable queues.

    `user`: our own on the broker, who is believed when it passes on what another has sent.
    """

    async def project(events: Sequence[ReceivedEvent]) -> None:
        with wide_event(log, "events.projected", events=len(events)):
            await services.projection.apply(events)

    async def store(letters: Sequence[DeadLetter]) -> None:
        with wide_event(log, "dead_letters.stored", letters=len(letters)):
            await services.dead_letters.store(letters)

    def read_dead_letter(message: Delivery) -> DeadLetter:
        return dead_letter_of(_dead_message(message), clock.now(), new_id, user)

    def read_sent_command(message: Delivery) -> Command:
        first = sender_of(message.user_id, message.headers, user)
        sender = Sender(first, message.reply_to, message.correlation_id)
        try:
            return read_command(message.body, sender)
        except (UndecodableMessageError, UnknownTypeError) as problem:
            services.commands.answer_unreadable(message.body, sender, problem)
            raise

    return [
        BatchSubscriber(topology.API_PROGRESS, project, _read_event, publisher=publisher),
        BatchSubscriber(
            topology.API_COMMANDS,
            services.commands.handle,
            read_sent_command,
            publisher=publisher,
            user=user,
        ),
        BatchSubscriber(
            topology.DEAD_LETTERS,
            store,
            read_dead_letter,
            publisher=publisher,
            limit=50,
            last_stop=True,
        ),
    ]


def follow_live_news(broker: RabbitBroker, services: ApiServices, instance: UUID) -> None:
    """Progress, through a queue of this process's own that goes away when nobody reads it.

    The queue is declared here, so a process that may declare nothing shows no progress. It is not
    exclusive: after a cut connection the broker would refuse it to its own owner until it has
    noticed.
    """
    queue = RabbitQueue(
        topology.live_queue(instance),
        durable=True,
        routing_key="media.progressed.#",
        arguments={"x-expires": UNUSED_EXPIRES_MS, "x-max-length": 10_000},
    )
    exchange = RabbitExchange(topology.LIVE, type=ExchangeType.TOPIC, durable=True, declare=False)
    subscriber = broker.subscriber(
        queue, exchange, channel=Channel(prefetch_count=500), ack_policy=AckPolicy.ACK_FIRST
    )

    async def note(message: RabbitMessage) -> None:
        try:
            event = decode(message.body)
        except Exception as error:
            log.warning("live.unreadable", error=str(error))
        else:
            if isinstance(event.data, MediaProgressed):
                services.live.note(event.data)
                services.hub.progress(_progress(event, event.data, message.body))

    subscriber(note)


def _progress(event: CloudEvent, data: MediaProgressed, body: bytes) -> LiveEvent:
    about = (data.job_id, event.tenant, event.type, data.generator, event.time)
    return LiveEvent(None, *about, body.decode())


def _read_event(message: Delivery) -> ReceivedEvent:
    return ReceivedEvent(decode(message.body), message.body.decode())


def _dead_message(message: Delivery) -> DeadMessage:
    return DeadMessage(
        body=message.body,
        headers=dict(message.headers),
        message_id=message.message_id,
        type=message.type,
        content_type=message.content_type,
        correlation_id=message.correlation_id,
        reply_to=message.reply_to,
        user_id=message.user_id,
        exchange=message.exchange,
        routing_key=message.routing_key,
    )
