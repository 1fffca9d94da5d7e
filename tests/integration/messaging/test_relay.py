"""The outbox on real servers: what was committed is said, whatever dies in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from shared.database.connection import Connection
from shared.database.engine import Engine, create_engine
from shared.database.unit_of_work import AfterCommit, UnitOfWork
from shared.events import CloudEvent, Message
from shared.messaging import relay as relay_module
from shared.messaging import topology
from shared.messaging.outbox import Outbox
from shared.messaging.outgoing import Outgoing, outgoing
from shared.messaging.publisher import BrokerUnavailableError, Publisher, UndeliverableError
from shared.messaging.relay import OutboxRelay
from shared.testing import (
    RecordingPublisher,
    a_media_ready,
    a_media_rejected,
    an_event,
    eventually,
)
from tests.backends import Backend
from tests.backends.databases import execute, query
from tests.conftest import MakeDatabase
from tests.integration.messaging.conftest import Restart
from tests.integration.messaging.harness import listening

POLL = timedelta(milliseconds=50)


class Work(UnitOfWork):
    """A transaction that only speaks."""

    def open(self, connection: Connection) -> None:
        self.outbox = Outbox(connection)


class SlowPublisher(RecordingPublisher):
    """Five messages are all that it manages in time."""

    async def publish_many(self, messages: Sequence[Outgoing]) -> list[UndeliverableError | None]:
        if len(messages) > 5:
            raise BrokerUnavailableError("RabbitMQ did not confirm in time")
        return await super().publish_many(messages)


class HangingPublisher(RecordingPublisher):
    """Never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.called = asyncio.Event()

    async def publish_many(self, messages: Sequence[Outgoing]) -> list[UndeliverableError | None]:
        self.called.set()
        await asyncio.Event().wait()
        return []


@pytest.fixture
def database(make_database: MakeDatabase) -> str:
    return make_database("notifier")


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Engine]:
    engine = create_engine(database, application="relay")
    yield engine
    await engine.dispose()


def events(count: int, generator: str = "card") -> list[CloudEvent]:
    return [an_event(a_media_ready(generator=generator)) for _ in range(count)]


async def say(
    engine: Engine, said: Sequence[CloudEvent], hand_over: AfterCommit | None = None
) -> None:
    async with Work(engine, hand_over) as work:
        await work.outbox.add(said)


def waiting(database: str) -> list[str]:
    """The ids of the rows that are still in the outbox."""
    return [
        row["message_id"]
        for row in query(database, "SELECT message_id FROM outbox ORDER BY id, place")
    ]


async def test_committed_events_are_published_in_order_and_leave_the_outbox(
    engine: Engine, database: str
) -> None:
    publisher, said = RecordingPublisher(), events(20)
    await say(engine, said)
    assert await OutboxRelay(engine, publisher).relay_once() == 20
    assert publisher.events == said
    assert waiting(database) == []


@pytest.mark.parametrize("second", [a_media_ready(generator="card"), a_media_rejected()])
async def test_every_message_is_there_as_it_is_however_much_is_the_same_in_all(
    engine: Engine, database: str, second: Message
) -> None:
    said = [an_event(a_media_ready(generator="card")), an_event(second)]
    await say(engine, said)

    rows = query(
        database,
        "SELECT message_id, exchange, routing_key, type, correlation_id, mandatory, body "
        "FROM outbox ORDER BY place",
    )

    expected = [outgoing(event) for event in said]
    names = ("message_id", "exchange", "routing_key", "type", "correlation_id", "mandatory", "body")
    assert [tuple(row[name] for name in names) for row in rows] == [
        tuple(getattr(message, name) for name in names) for message in expected
    ]


async def test_work_that_was_rolled_back_says_nothing(engine: Engine, database: str) -> None:
    async def fail_after_saying() -> None:
        async with Work(engine) as work:
            await work.outbox.add(events(1))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail_after_saying()
    assert waiting(database) == []


async def test_saying_nothing_is_no_statement(engine: Engine, database: str) -> None:
    await say(engine, [])
    assert waiting(database) == []


class DyingPublisher(RecordingPublisher):
    """Publishes, and dies before anybody can write that down."""

    async def publish_many(self, messages: Sequence[Outgoing]) -> list[UndeliverableError | None]:
        await super().publish_many(messages)
        raise asyncio.CancelledError


async def test_a_death_between_publish_and_commit_says_the_same_again(
    engine: Engine, database: str
) -> None:
    said = events(3)
    await say(engine, said)
    dying, next_one = DyingPublisher(), RecordingPublisher()
    with pytest.raises(asyncio.CancelledError):
        await OutboxRelay(engine, dying).relay_once()
    await OutboxRelay(engine, next_one).relay_once()
    assert dying.events == next_one.events == said
    assert waiting(database) == []


async def test_an_event_that_cannot_be_routed_stands_aside(engine: Engine, database: str) -> None:
    publisher, lost, good = RecordingPublisher(), events(1, "lost"), events(2)
    publisher.unroutable.add("media.ready.lost")
    await say(engine, [good[0], *lost, good[1]])
    relay = OutboxRelay(engine, publisher)
    await relay.relay_once()
    assert publisher.events == good
    assert (relay.published, relay.quarantined) == (2, 1)
    assert await relay.relay_once() == 0, "it is not tried again at once"
    [row] = query(database, "SELECT *, available_at > now() AS later FROM outbox")
    assert (row["failures"], row["later"]) == (1, True)
    assert "no queue is bound" in row["last_error"]
    assert (await relay.backlog())["quarantined"] == 1


async def test_a_quarantined_event_is_said_once_it_can_be(engine: Engine, database: str) -> None:
    publisher, lost = RecordingPublisher(), events(1, "lost")
    publisher.unroutable.add("media.ready.lost")
    await say(engine, lost)
    relay = OutboxRelay(engine, publisher)
    await relay.relay_once()
    publisher.unroutable.clear()
    execute(database, "UPDATE outbox_bundle SET available_at = now()")
    await relay.relay_once()
    assert publisher.events == lost
    assert waiting(database) == []


async def test_two_relays_share_the_rows(engine: Engine, database: str) -> None:
    publisher, said = RecordingPublisher(), events(600)
    await say(engine, said)
    relays = [OutboxRelay(engine, publisher, limit=50) for _ in range(2)]

    async def empty(relay: OutboxRelay) -> None:
        while await relay.relay_once():
            pass

    await asyncio.gather(*map(empty, relays))
    assert sorted(event.id for event in publisher.events) == sorted(event.id for event in said)
    assert waiting(database) == []


async def test_a_commit_wakes_the_relay_and_a_poll_finds_what_a_crash_left(
    engine: Engine, database: str
) -> None:
    publisher, left = RecordingPublisher(), events(1)
    await say(engine, left)
    relay = OutboxRelay(engine, publisher, poll=timedelta(seconds=30))
    relay.start()
    await eventually(lambda: must_be(publisher, left))
    new = events(1)
    await say(engine, new, relay.hand_over)
    await eventually(lambda: must_be(publisher, left + new))
    await relay.stop()


async def test_a_large_backlog_is_emptied_without_waiting_for_polls(engine: Engine) -> None:
    publisher, said = RecordingPublisher(), events(35)
    await say(engine, said)
    relay = OutboxRelay(engine, publisher, poll=timedelta(seconds=30), limit=10)
    relay.start()
    await eventually(lambda: must_be(publisher, said))
    await relay.stop()


async def test_stopping_says_what_was_just_committed(engine: Engine) -> None:
    publisher, said = RecordingPublisher(), events(2)
    relay = OutboxRelay(engine, publisher, poll=timedelta(seconds=30))
    relay.start()
    await say(engine, said)
    await relay.stop()
    assert publisher.events == said


async def test_a_broker_that_is_away_costs_nothing(engine: Engine, database: str) -> None:
    publisher, said = RecordingPublisher(), events(3)
    publisher.away = True
    await say(engine, said)
    relay = OutboxRelay(engine, publisher, poll=POLL)
    relay.start()
    with pytest.raises(BrokerUnavailableError):
        await OutboxRelay(engine, publisher).relay_once()
    assert waiting(database) == [event.id for event in said]
    publisher.away = False
    await eventually(lambda: must_be(publisher, said))
    await relay.stop()


async def test_what_is_too_much_at_once_is_published_in_smaller_batches(
    engine: Engine, database: str
) -> None:
    """Large messages on a slow line would not be confirmed in time, again and again."""
    publisher, said = SlowPublisher(), events(40)
    await say(engine, said)
    relay = OutboxRelay(engine, publisher, poll=POLL)
    relay.start()
    await eventually(lambda: must_be(publisher, said), timeout=30)
    await relay.stop()


async def test_stopping_does_not_wait_for_a_broker_that_hangs(
    engine: Engine, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "FINISH_SECONDS", 0.2)
    publisher, said = HangingPublisher(), events(3)
    await say(engine, said)
    relay = OutboxRelay(engine, publisher, poll=POLL)
    relay.start()
    async with asyncio.timeout(5):
        await publisher.called.wait()
        await relay.stop()
    assert waiting(database) == [event.id for event in said]


async def test_a_database_that_was_away_is_found_again(
    engine: Engine, backend: Backend, restart: Restart
) -> None:
    publisher, said = RecordingPublisher(), events(3)
    relay = OutboxRelay(engine, publisher, poll=POLL)
    relay.start()
    await restart(backend.postgres.restart)

    async def say_it() -> None:
        await say(engine, said, relay.hand_over)

    await eventually(say_it, timeout=30)
    await eventually(lambda: must_be(publisher, said), timeout=30)
    await relay.stop()


async def test_events_travel_from_outbox_to_queue(
    engine: Engine, database: str, rabbitmq_url: str, publisher: Publisher
) -> None:
    said = events(700)
    async with listening(rabbitmq_url, topology.EVENTS, "media.ready.#") as inbox:
        await say(engine, said)
        relay = OutboxRelay(engine, publisher, poll=POLL)
        relay.start()
        await eventually(lambda: inbox.must_hold(700))
        await relay.stop()
    assert set(inbox.ids) == {event.id for event in said}
    assert waiting(database) == []


def must_be(publisher: RecordingPublisher, said: list[CloudEvent]) -> None:
    assert publisher.events == said
