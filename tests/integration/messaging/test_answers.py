"""Answers go to whoever asked; one whom nobody waits for harms nobody else."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from shared.database.connection import Connection
from shared.database.engine import Engine, create_engine
from shared.database.unit_of_work import AfterCommit, UnitOfWork
from shared.events import CloudEvent
from shared.messaging.answers import answer
from shared.messaging.errors import UndeliverableError
from shared.messaging.outbox import Outbox
from shared.messaging.outgoing import Outgoing, outgoing
from shared.messaging.publisher import Publisher
from shared.messaging.relay import OutboxRelay
from shared.messaging.sweep import MOST_TRIES
from shared.testing import (
    RecordingPublisher,
    a_media_accepted,
    a_media_ready,
    an_event,
    eventually,
)
from tests.backends.databases import execute, query
from tests.conftest import MakeDatabase

DUE = "UPDATE outbox_bundle SET available_at = now()"


class Work(UnitOfWork):
    """A transaction that only speaks."""

    def open(self, connection: Connection) -> None:
        self.outbox = Outbox(connection)


class FullPublisher(RecordingPublisher):
    """The queue of every message takes no more."""

    async def publish_many(self, messages: Sequence[Outgoing]) -> list[UndeliverableError | None]:
        return [UndeliverableError("the broker refused it") for _ in messages]


@pytest.fixture
def database(make_database: MakeDatabase) -> str:
    return make_database("notifier")


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Engine]:
    engine = create_engine(database, application="relay")
    yield engine
    await engine.dispose()


def an_answer(queue: str = "shop.answers") -> Outgoing:
    return answer(an_event(a_media_accepted()), queue, "question-7")


async def send(
    engine: Engine, messages: Sequence[Outgoing], hand_over: AfterCommit | None = None
) -> None:
    async with Work(engine, hand_over) as work:
        await work.outbox.send(messages)


def waiting(database: str) -> list[str]:
    return [row["message_id"] for row in query(database, "SELECT message_id FROM outbox")]


async def test_an_answer_is_an_event_with_the_correlation_of_its_question(
    engine: Engine, database: str
) -> None:
    publisher, said = RecordingPublisher(), an_answer()
    await send(engine, [said])

    await OutboxRelay(engine, publisher).relay_once()

    [message] = publisher.published
    assert (message.exchange, message.routing_key) == ("", "shop.answers")
    assert message.correlation_id == "question-7"
    assert message.body == said.body
    assert waiting(database) == []


@pytest.mark.parametrize("handed_over", [True, False])
async def test_an_answer_to_somebody_who_has_left_is_forgotten_and_holds_up_nobody(
    engine: Engine, database: str, handed_over: bool
) -> None:
    publisher, gone = RecordingPublisher(), an_answer("shop.gone")
    publisher.unroutable.add("shop.gone")
    event: CloudEvent = an_event(a_media_ready())
    relay = OutboxRelay(engine, publisher, poll=timedelta(milliseconds=50))

    await send(engine, [gone, outgoing(event), gone], relay.hand_over if handed_over else None)
    relay.start()

    async def nothing_is_left() -> None:
        assert waiting(database) == []

    await eventually(nothing_is_left)
    await relay.stop()
    assert publisher.events == [event]
    assert relay.quarantined == 0


async def test_a_queue_that_stays_full_is_given_up(engine: Engine, database: str) -> None:
    relay = OutboxRelay(engine, FullPublisher())
    await send(engine, [an_answer()])

    for _ in range(MOST_TRIES):
        await relay.relay_once()
        assert len(waiting(database)) == 1
        execute(database, DUE)
    await relay.relay_once()

    assert waiting(database) == []


async def test_an_event_is_never_given_up(engine: Engine, database: str) -> None:
    relay = OutboxRelay(engine, FullPublisher())
    await send(engine, [outgoing(an_event(a_media_ready()))])

    for _ in range(MOST_TRIES + 2):
        await relay.relay_once()
        execute(database, DUE)

    assert len(waiting(database)) == 1


async def test_the_broker_returns_an_answer_without_a_queue(
    engine: Engine, database: str, publisher: Publisher
) -> None:
    await send(engine, [an_answer("nobody.has.this")])

    assert await OutboxRelay(engine, publisher).relay_once() == 1

    assert waiting(database) == []


async def test_an_answer_goes_to_no_other_queue_than_it_names(
    engine: Engine, publisher: Publisher
) -> None:
    """Requests for an overflow that is not there go to the queue that it spares; answers do not."""
    channel = await publisher.connection.channel()
    queue = await channel.declare_queue("shop", exclusive=True)
    await send(engine, [an_answer("shop.overflow")])

    await OutboxRelay(engine, publisher).relay_once()

    assert await queue.get(fail=False) is None
