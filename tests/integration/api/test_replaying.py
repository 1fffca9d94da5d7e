"""Dead letters on a real broker: what a bug buried is replayed, and has its effect once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import BeingReplayedError
from services.api.metrics import DeadLetterMetrics
from services.api.models import DeadLetterFilter
from services.api.service.replaying import ReplayService
from services.api.unit_of_work import OpenUnitOfWork
from services.notifier.metrics import NotifierMetrics
from services.notifier.service import NotificationService
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.clock import SystemClock
from shared.database.engine import create_engine
from shared.events import CloudEvent
from shared.messaging import topology
from shared.messaging.outgoing import Outgoing, outgoing
from shared.messaging.publisher import Publisher
from shared.messaging.session import BrokerSession, make_broker
from shared.messaging.subscriber import BatchSubscriber, read_event
from shared.testing import RecordingPublisher, a_media_generated, an_event, eventually
from tests.backends.databases import query
from tests.conftest import MakeDatabase
from tests.integration.api.burying import letters, replay
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.builders import a_dead_letter


class BuggyNotifier:
    """The notifier, with a bug in its handler until somebody repairs it."""

    def __init__(self, service: NotificationService, database: str) -> None:
        self._service = service
        self._database = database
        self.repaired = False
        self.handled = 0

    async def decide(self, heard: Sequence[CloudEvent]) -> None:
        if not self.repaired:
            raise ZeroDivisionError("a bug in the handler")
        await self._service.decide(heard)
        self.handled += len(heard)

    async def has_handled(self, count: int) -> None:
        def check() -> None:
            assert self.handled == count

        await eventually(check)

    def effects(self) -> tuple[int, int]:
        """Verdicts given, and final events said."""
        counts = "SELECT (SELECT count(*) FROM verdict) AS verdicts, count(*) AS said FROM outbox"
        [row] = query(self._database, counts)
        return row["verdicts"], row["said"]


@pytest.fixture
async def notifier(
    make_database: MakeDatabase, rabbitmq_url: str, neighbours: Neighbours
) -> AsyncIterator[BuggyNotifier]:
    url = make_database("notifier")
    engine = create_engine(url, application="test")
    service = NotificationService(
        lambda: NotifierUnitOfWork(engine),
        SystemClock(),
        NotifierMetrics(CollectorRegistry()),
        timedelta(seconds=10),
    )
    notifier = BuggyNotifier(service, url)
    publisher = Publisher(rabbitmq_url, app_id="notifier")
    subscriber = BatchSubscriber(
        topology.NOTIFIER_OUTCOMES, notifier.decide, read_event, publisher=publisher
    )
    broker = make_broker(rabbitmq_url, app_id="notifier")
    session = BrokerSession(broker, publisher, [subscriber], topology.NOTIFIER_QUEUES)
    session.start()
    yield notifier
    await session.stop()
    await session.close()
    await engine.dispose()


async def test_what_a_bug_buried_takes_effect_once_when_it_is_replayed(
    client: httpx.AsyncClient, neighbours: Neighbours, notifier: BuggyNotifier
) -> None:
    event = an_event(a_media_generated(), correlationid="order-7")
    await neighbours.send([outgoing(event)])
    [letter] = await letters(client, 1)
    assert (letter["queue"], letter["error_class"]) == ("notifier.outcomes", "ZeroDivisionError")
    assert (letter["message_id"], letter["correlation_id"]) == (event.id, "order-7")

    await replay(client, letter)
    [again] = await letters(client, 1)
    assert again["id"] != letter["id"]
    shown = (await client.get(f"/v1/dead-letters/{again['id']}")).json()
    assert shown["headers"]["x-darkroom-attempt"] == 2
    assert notifier.effects() == (0, 0)

    notifier.repaired = True
    assert (await replay(client, again))["replays"] == 1
    await notifier.has_handled(1)
    assert notifier.effects() == (1, 1)

    assert (await replay(client, again))["replays"] == 2
    assert (await replay(client, letter))["replays"] == 2
    await notifier.has_handled(3)
    assert notifier.effects() == (1, 1)
    assert await letters(client, 0) == []


async def test_a_hundred_are_replayed_at_once_and_only_into_the_queue_they_could_not_leave(
    client: httpx.AsyncClient, neighbours: Neighbours, notifier: BuggyNotifier
) -> None:
    others = await neighbours.listen("media.generated.#")
    events = [an_event(a_media_generated()) for _ in range(100)]
    await neighbours.send(outgoing(event) for event in events)
    assert len(await neighbours.taken(others, 100)) == 100
    await letters(client, 100, limit="200")

    notifier.repaired = True
    answer = await client.post("/v1/dead-letters/replay", json={"queue": "notifier.outcomes"})
    await neighbours.say(last := a_media_generated())

    assert answer.json() == {"replayed": 100, "failed": [], "remaining": 0}
    await notifier.has_handled(101)
    assert notifier.effects() == (101, 101)
    [heard] = await neighbours.taken(others)
    assert heard.subject == str(last.job_id), "nobody else hears what is replayed"


async def test_what_the_broker_gave_up_is_replayed_too(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    queue = "generator.card.batch"
    event = an_event(a_media_generated())
    sent = outgoing(event)
    await neighbours.send([Outgoing("", queue, sent.body, message_id=event.id, type=event.type)])
    await neighbours.reject(queue)
    [letter] = await letters(client, 1)

    await replay(client, letter)
    await neighbours.reject(queue)
    [again] = await letters(client, 1)
    await replay(client, again)

    [back] = await neighbours.taken(queue)
    assert back == event
    assert again["id"] != letter["id"]
    assert (letter["exchange"], again["queue"]) == ("", queue)


async def test_a_queue_that_is_gone_is_a_problem_that_says_so(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    headers = {"x-darkroom-queue": "generator.gone.batch", "x-darkroom-error-class": "KeyError"}
    grave = Outgoing(topology.DEAD, "any", b"{}", message_id="m", type="t", headers=headers)
    await neighbours.send([grave])
    [letter] = await letters(client, 1)

    one = await client.post(f"/v1/dead-letters/{letter['id']}/replay")
    many = await client.post("/v1/dead-letters/replay", json={"all": True})

    assert (one.status_code, one.json()["code"]) == (409, "not_replayable")
    assert "generator.gone.batch" in one.json()["detail"]
    assert many.json()["replayed"] == 0
    assert many.json()["failed"][0]["problem"]["code"] == "not_replayable"
    await letters(client, 1)


def an_operator(unit_of_work: OpenUnitOfWork, publisher: RecordingPublisher) -> ReplayService:
    metrics = DeadLetterMetrics(CollectorRegistry())
    return ReplayService(
        unit_of_work, unit_of_work, publisher, clock=SystemClock(), metrics=metrics
    )


async def test_two_operators_never_replay_the_same_letter(postgres: OpenUnitOfWork) -> None:
    stored = [a_dead_letter(message_id=f"m-{n}") for n in range(300)]
    async with postgres() as work:
        await work.dead_letters.add(stored)
    publisher = RecordingPublisher()
    operators = [an_operator(postgres, publisher) for _ in range(4)]

    reports = await asyncio.gather(
        *(operator.replay_many(DeadLetterFilter(1000)) for operator in operators)
    )

    sent = [message.message_id for message in publisher.published]
    assert sorted(sent) == sorted(letter.message_id for letter in stored)
    assert sum(report.replayed for report in reports) == 300


async def test_a_letter_that_somebody_else_replays_is_left_to_them(
    postgres: OpenUnitOfWork,
) -> None:
    letter = a_dead_letter()
    async with postgres() as work:
        await work.dead_letters.add([letter])
    publisher = RecordingPublisher()
    operator = an_operator(postgres, publisher)

    async with postgres() as theirs:
        assert await theirs.dead_letter_claims.find(letter.id)
        with pytest.raises(BeingReplayedError):
            await operator.replay(letter.id)

    assert publisher.published == []
    assert (await operator.replay(letter.id)).replays == 1
