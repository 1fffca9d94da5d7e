"""Replaying sends a dead letter to the queue it could not leave, as the message that it was."""

from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import DeadLetterNotFoundError, NotReplayableError
from services.api.metrics import DeadLetterMetrics
from services.api.models import DeadLetter, DeadLetterFilter
from services.api.service import ApiServices
from services.api.service.dead_messages import REPLAY, DeadMessage, dead_letter_of
from services.api.service.replaying import ReplayService
from shared.clock import uuid7
from shared.database.away import DatabaseUnavailableError
from shared.messaging import dead_letters as header
from shared.messaging.publisher import BrokerUnavailableError
from shared.testing import MOMENT, FixedClock, RecordingPublisher
from tests.unit.api.builders import a_dead_letter
from tests.unit.api.fakes import FakeDatabase

EVERY = DeadLetterFilter(limit=1000)


async def stored(services: ApiServices, **changes: Any) -> DeadLetter:
    letter = a_dead_letter(**changes)
    await services.dead_letters.store([letter])
    return letter


async def test_it_is_the_same_message_straight_to_its_queue(
    services: ApiServices, publisher: RecordingPublisher, clock: FixedClock
) -> None:
    letter = await stored(
        services,
        message_id="m-1",
        type="darkroom.media.generated.v1",
        correlation_id="c-1",
        content_type="application/cloudevents+json",
        body=b"{}",
        headers={
            "theirs": 1,
            "x-death": [{"queue": "api.progress"}],
            "x-first-death-queue": "api.progress",
            "x-delivery-count": 20,
            header.ERROR_CLASS: "ZeroDivisionError",
            header.QUEUE: "api.progress",
            header.ATTEMPT: 3,
            header.FIRST_SEEN: "2026-01-01T00:00:00+00:00",
        },
    )

    replayed = await services.replaying.replay(letter.id)

    [message] = publisher.published
    assert (message.exchange, message.routing_key) == ("", "api.progress")
    assert message.mandatory
    assert message.persistent
    assert (message.message_id, message.type, message.body) == ("m-1", letter.type, b"{}")
    assert (message.correlation_id, message.content_type) == ("c-1", letter.content_type)
    assert message.headers == {
        "theirs": 1,
        header.ATTEMPT: 3,
        header.FIRST_SEEN: "2026-01-01T00:00:00+00:00",
        REPLAY: f"{letter.id}:1",
    }
    assert (replayed.replayed_at, replayed.replays) == (clock.now(), 1)


@pytest.mark.parametrize("sender", ["shop", ""])
async def test_it_says_whose_it_is_and_that_we_say_so(
    database: FakeDatabase, publisher: RecordingPublisher, clock: FixedClock, sender: str
) -> None:
    forged = {header.SENDER: "boss"}
    letter = a_dead_letter(sender=sender, reply_to="shop.answers", headers=forged)
    database.tables.dead_letters.append(letter)
    replaying = ReplayService(
        database.unit_of_work,
        database.unit_of_work,
        publisher,
        clock=clock,
        metrics=DeadLetterMetrics(CollectorRegistry()),
        user="api",
    )

    await replaying.replay(letter.id)

    [message] = publisher.published
    assert (message.user_id, message.headers[header.SENDER]) == ("api", sender)
    assert message.reply_to == "shop.answers"


async def test_without_keys_nobody_says_whose_it_is(
    services: ApiServices, publisher: RecordingPublisher
) -> None:
    letter = await stored(services, sender="shop", headers={header.SENDER: "boss"})

    await services.replaying.replay(letter.id)

    [message] = publisher.published
    assert message.user_id is None
    assert header.SENDER not in message.headers


async def test_one_letter_can_be_replayed_again(
    services: ApiServices, publisher: RecordingPublisher
) -> None:
    letter = await stored(services)

    await services.replaying.replay(letter.id)
    again = await services.replaying.replay(letter.id)

    assert again.replays == 2
    assert [message.headers[REPLAY] for message in publisher.published] == [
        f"{letter.id}:1",
        f"{letter.id}:2",
    ]


async def test_a_replayed_message_that_dies_again_is_another_letter() -> None:
    seen = {header.FIRST_SEEN: MOMENT.isoformat(), header.ATTEMPT: 1}

    def identity(**headers: object) -> object:
        return dead_letter_of(DeadMessage(b"x", {**seen, **headers}), MOMENT, uuid7).id

    replays = [{}, {REPLAY: "a:1"}, {REPLAY: "a:2"}]

    assert len({identity(**headers) for headers in replays}) == 3
    assert identity(**{REPLAY: "a:1"}) == identity(**{REPLAY: "a:1"})


@pytest.mark.parametrize("queue", ["", "dead-letters"])
async def test_a_letter_from_nowhere_cannot_be_replayed(
    services: ApiServices, publisher: RecordingPublisher, queue: str
) -> None:
    letter = await stored(services, queue=queue)

    with pytest.raises(NotReplayableError, match="not known which queue"):
        await services.replaying.replay(letter.id)
    assert publisher.published == []


async def test_a_queue_that_is_gone_is_named(
    services: ApiServices, publisher: RecordingPublisher
) -> None:
    letter = await stored(services, queue="generator.gone.batch")
    publisher.unroutable.add("generator.gone.batch")

    with pytest.raises(NotReplayableError, match=r"generator\.gone\.batch"):
        await services.replaying.replay(letter.id)
    assert (await services.dead_letters.get(letter.id)).replays == 0


async def test_while_the_broker_is_away_nothing_is_marked(
    services: ApiServices, publisher: RecordingPublisher
) -> None:
    letter = await stored(services)
    publisher.away = True

    with pytest.raises(BrokerUnavailableError):
        await services.replaying.replay(letter.id)
    with pytest.raises(BrokerUnavailableError) as caught:
        await services.replaying.replay_many(EVERY)

    assert caught.value.extra == {"replayed": 0}
    assert (await services.dead_letters.get(letter.id)).replayed_at is None


async def test_a_letter_that_is_not_there(services: ApiServices) -> None:
    with pytest.raises(DeadLetterNotFoundError):
        await services.replaying.replay(uuid7())


async def test_many_are_replayed_once_and_the_hopeless_are_named(
    services: ApiServices, publisher: RecordingPublisher
) -> None:
    good = [await stored(services) for _ in range(120)]
    bad = await stored(services, queue="gone")
    publisher.unroutable.add("gone")

    first = await services.replaying.replay_many(EVERY)
    again = await services.replaying.replay_many(EVERY)

    assert (first.replayed, first.remaining) == (len(good), 1)
    [(failed, problem)] = first.failed
    assert failed == bad.id
    assert isinstance(problem, NotReplayableError)
    assert (again.replayed, len(again.failed), again.remaining) == (0, 1, 1)
    assert len(publisher.published) == len(good)


async def test_the_oldest_come_first_up_to_the_limit(
    services: ApiServices, publisher: RecordingPublisher
) -> None:
    letters = [await stored(services, message_id=f"m-{n}") for n in range(5)]

    report = await services.replaying.replay_many(DeadLetterFilter(limit=3))

    assert (report.replayed, report.remaining) == (3, 2)
    assert [m.message_id for m in publisher.published] == [one.message_id for one in letters[:3]]


async def test_only_those_that_fit_are_replayed(
    services: ApiServices, publisher: RecordingPublisher
) -> None:
    await stored(services, error_code="undecodable_message")
    await stored(services, error_code="handler_error", message_id="m-2")

    report = await services.replaying.replay_many(
        DeadLetterFilter(limit=9, error_code="handler_error")
    )

    assert (report.replayed, report.remaining) == (1, 0)
    assert [message.message_id for message in publisher.published] == ["m-2"]


async def test_a_commit_that_fails_leaves_the_letter_to_be_replayed_again(
    services: ApiServices, database: FakeDatabase, publisher: RecordingPublisher
) -> None:
    letter = await stored(services)
    database.fail_with = [None, DatabaseUnavailableError("cut while committing")]

    with pytest.raises(DatabaseUnavailableError):
        await services.replaying.replay(letter.id)
    assert (await services.replaying.replay(letter.id)).replays == 1

    first, second = publisher.published
    assert first == second


async def test_stored_and_replayed_letters_are_counted(
    services: ApiServices, registry: CollectorRegistry
) -> None:
    letter, _ = await stored(services), await stored(services)
    await services.dead_letters.store([letter])
    await services.replaying.replay(letter.id)
    await services.dead_letters.keep_house()

    counted = {
        name: registry.get_sample_value(f"darkroom_dead_letters_{name}")
        for name in ("stored_total", "replayed_total", "waiting")
    }
    assert counted == {"stored_total": 2, "replayed_total": 1, "waiting": 1}
