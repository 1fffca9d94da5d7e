"""Commands with senders who want to be answered, and what becomes of the answers."""

from collections.abc import Iterable
from typing import Any

from services.api.service import ApiServices
from services.api.service.command_answers import CommandAnswers
from services.api.service.command_reading import Command, Sender, read_command
from services.api.service.commands import CommandService
from services.api.service.senders import Senders
from shared.events import CloudEvent, MediaRejected, Message, decode, encode
from shared.messaging.outgoing import Outgoing
from shared.testing import FixedClock, an_event
from tests.unit.api.fakes import FakeDatabase

ADDRESS = "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA3NjA4NTA5MgAAA6wAAAAAawhqJw==.a75E2yR1hryio9V4Z/js"


class RecordingAnswers:
    """Takes direct answers."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    def send(self, answers: Iterable[Outgoing]) -> None:
        self.sent += answers


def make_commands(
    services: ApiServices,
    database: FakeDatabase,
    direct: RecordingAnswers,
    clock: FixedClock,
    senders: Senders,
) -> CommandService:
    return CommandService(
        services.requests,
        services.cancellation,
        database.unit_of_work,
        answers=CommandAnswers(services.queries.view, clock),
        senders=senders,
        direct=direct,
    )


def a_command(
    data: Message, reply_to: str | None = "shop.answers", user: str | None = None, **origin: Any
) -> Command:
    sender = Sender(user, reply_to, "question-7")
    return read_command(encode(an_event(data, **{"event_id": "c-1", **origin})), sender)


def answers(database: FakeDatabase) -> list[CloudEvent]:
    return [decode(message.body) for message in database.tables.answers]


def told(database: FakeDatabase) -> list[CloudEvent]:
    return [event for event in database.tables.outbox if isinstance(event.data, MediaRejected)]
