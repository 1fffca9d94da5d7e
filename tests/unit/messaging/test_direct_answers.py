"""Answers that nobody keeps are sent while somebody waits; one that cannot be holds up no other."""

import asyncio
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from shared.messaging import answers, topology
from shared.messaging.answers import DirectAnswers, NoAnswers, answer, why_not
from shared.messaging.outgoing import Outgoing
from shared.messaging.publisher import BrokerUnavailableError
from shared.testing import RecordingPublisher, a_media_accepted, an_event, eventually


class OnePublisher(RecordingPublisher):
    """Loses its connection with every message to `poison`."""

    def __init__(self) -> None:
        super().__init__()
        self.starts = 0
        self.connected = False
        self.hanging = asyncio.Event()
        self.hanging.set()

    async def start(self) -> None:
        if self.away:
            raise BrokerUnavailableError("RabbitMQ is away")
        self.starts += 1
        self.connected = True

    async def stop(self) -> None:
        self.connected = False

    async def publish(self, message: Outgoing) -> None:
        assert self.connected
        await self.hanging.wait()
        if message.routing_key == "poison":
            raise BrokerUnavailableError("not confirmed")
        await super().publish(message)


@pytest.fixture
def publisher() -> OnePublisher:
    return OnePublisher()


def an_answer(queue: str = "amq.rabbitmq.reply-to.a.b") -> Outgoing:
    return answer(an_event(a_media_accepted()), queue, "question-7")


async def must_have_sent(publisher: OnePublisher, expected: list[Outgoing]) -> None:
    async def check() -> None:
        assert publisher.published == expected

    await eventually(check)


async def test_it_connects_when_it_is_needed_and_sends_in_order(publisher: OnePublisher) -> None:
    direct, said = DirectAnswers(publisher), [an_answer() for _ in range(3)]
    direct.send([])
    assert publisher.starts == 0

    direct.send(said[:2])
    direct.send(said[2:])
    await must_have_sent(publisher, said)
    await direct.stop()

    assert publisher.starts == 1
    assert not publisher.connected


async def test_what_ends_the_connection_is_lost_and_the_rest_goes_over_another(
    publisher: OnePublisher,
) -> None:
    direct, before, after = DirectAnswers(publisher), an_answer(), an_answer()

    with capture_logs() as logs:
        direct.send([before, an_answer("poison"), after])
        await must_have_sent(publisher, [before, after])
    await direct.stop()

    assert publisher.starts == 2
    [lost] = logs
    assert (lost["event"], lost["queue"]) == ("answers.lost", "poison")


async def test_a_broker_that_does_not_answer_is_not_waited_for(
    publisher: OnePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PATIENCE_SECONDS", 0.05)
    direct, after = DirectAnswers(publisher), an_answer()
    publisher.hanging.clear()
    with capture_logs() as logs:
        direct.send([an_answer()])
        await eventually(lambda: must_have_logged(logs))
    publisher.hanging.set()

    direct.send([after])

    await must_have_sent(publisher, [after])
    await direct.stop()


async def must_have_logged(logs: Sequence[object]) -> None:
    assert logs


async def test_more_than_can_wait_are_lost(
    publisher: OnePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_WAITING", 2)
    direct, said = DirectAnswers(publisher), [an_answer() for _ in range(3)]

    with capture_logs() as logs:
        direct.send(said)
    await direct.stop()

    assert publisher.published == said[:2]
    assert [log["event"] for log in logs] == ["answers.lost"]


async def test_stopping_does_not_wait_for_ever(
    publisher: OnePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PATIENCE_SECONDS", 0.05)
    direct = DirectAnswers(publisher)
    publisher.away = True
    direct.send([an_answer() for _ in range(5)])
    async with asyncio.timeout(2):
        await direct.stop()

    assert publisher.published == []


def test_without_anybody_to_send_them_they_are_lost() -> None:
    with capture_logs() as logs:
        NoAnswers().send([an_answer()])

    assert [log["event"] for log in logs] == ["answers.lost"]


QUEUES = [queue.name for queue in topology.all_queues(["card"])]


@pytest.mark.parametrize("queue", [*QUEUES, topology.live_queue("7")])
def test_every_queue_of_ours_is_known_for_one(queue: str) -> None:
    assert why_not(queue)
