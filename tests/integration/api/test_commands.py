"""Commands and their answers over a real broker, with an AMQP client that is not ours."""

import asyncio

import httpx
import pytest

from services.api.app import ApiApp
from services.api.settings import ApiSettings
from shared.clock import uuid7
from shared.events import CloudEvent, MediaAccepted, MediaRejected
from shared.testing import a_media_ready, eventually
from tests.integration.api.askers import asking
from tests.integration.api.burying import a_bug, letters, replay
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.builders import CARD

GOOD = {"generator": "card", "input": CARD}
DEADLY = "amq.rabbitmq.reply-to.g1hnYXJiYWdl.a75E2yR1hryio9V4Z/jsUw=="
"""Looks like an address; RabbitMQ ends the connection of whoever publishes to it."""


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("directly", [False, True])
async def test_whoever_asks_is_answered_with_the_job(
    client: httpx.AsyncClient, rabbitmq_url: str, directly: bool
) -> None:
    async with asking(rabbitmq_url, directly=directly) as asker:
        await asker.ask("c-1", GOOD)
        event, message = await asker.heard()

        assert isinstance(event.data, MediaAccepted)
        assert message.correlation_id == "question-7"
        assert message.type == event.type == "darkroom.media.accepted.v1"
        assert message.message_id == event.id
        job = (await client.get(event.data.job["urls"]["self"])).json()
        assert {**event.data.job, "queue_position": 0} == job

        await asker.ask("c-2", {"job_id": job["id"]}, kind="cancel", correlation_id="question-8")
        event, message = await asker.heard()
        assert isinstance(event.data, MediaAccepted)
        assert (event.data.job["status"], message.correlation_id) == ("canceling", "question-8")

        await asker.ask("c-3", {**GOOD, "generator": "crad"})
        event, _ = await asker.heard()
        assert isinstance(event.data, MediaRejected)
        assert event.data.problem["code"] == "unknown_generator"


@pytest.mark.usefixtures("cards")
async def test_a_command_that_comes_twice_is_one_job_and_one_answer_said_twice(
    neighbours: Neighbours, rabbitmq_url: str
) -> None:
    async with asking(rabbitmq_url) as asker:
        for _ in range(2):
            await asker.ask("c-1", {**GOOD, "metadata": {"b": 1, "a": {"d": 1.5, "c": None}}})
        first, _ = await asker.heard()
        again, _ = await asker.heard()

    assert first == again
    [requested] = await neighbours.requested(1)
    assert requested.subject == str(first.data.job_id)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("cards")
async def test_answers_to_nobody_hold_up_nothing(
    client: httpx.AsyncClient, neighbours: Neighbours, rabbitmq_url: str
) -> None:
    async with asking(rabbitmq_url) as one, asking(rabbitmq_url, directly=True) as other:
        for number in range(10):
            await one.ask(f"g-{number}", GOOD, reply_to="nobody.has.this")
            await one.ask(f"d-{number}", GOOD, reply_to=DEADLY)
        await one.ask("c-1", GOOD)
        await other.ask("c-2", GOOD)
        first, _ = await one.heard()
        second, _ = await other.heard()

    assert isinstance(first.data, MediaAccepted)
    assert isinstance(second.data, MediaAccepted)
    assert len(await neighbours.requested(22)) == 22
    metrics = (await client.get("/metrics")).text
    assert "darkroom_outbox_quarantined_total 0.0" in metrics


@pytest.mark.usefixtures("cards")
async def test_nobody_gets_a_message_into_our_queues(
    client: httpx.AsyncClient, neighbours: Neighbours, rabbitmq_url: str
) -> None:
    refused = await neighbours.listen("media.rejected.#")
    async with asking(rabbitmq_url) as asker:
        await asker.ask("c-1", GOOD, reply_to="generator.card.batch")
        [event] = await neighbours.taken(refused)
        await asker.ask("c-2", GOOD)
        await asker.heard()

    assert isinstance(event.data, MediaRejected)
    assert event.data.problem["errors"][0]["pointer"] == "/properties/reply_to"
    assert len((await client.get("/v1/media")).json()["items"]) == 1


@pytest.mark.usefixtures("cards")
async def test_a_broken_envelope_is_answered_and_kept_among_the_dead(
    client: httpx.AsyncClient, rabbitmq_url: str
) -> None:
    async with asking(rabbitmq_url) as asker:
        await asker.ask("c-1", GOOD, envelope={"time": "yesterday"})
        event, message = await asker.heard()

    assert isinstance(event.data, MediaRejected)
    assert event.data.problem["code"] == "undecodable_message"
    assert "time" in event.data.problem["detail"]
    assert message.correlation_id == "question-7"

    async def buried() -> None:
        assert len((await client.get("/v1/dead-letters")).json()["items"]) == 1

    await eventually(buried, 20)


@pytest.mark.usefixtures("cards")
async def test_cancels_that_come_again_after_the_end_are_told_how_it_ended(
    client: httpx.AsyncClient, neighbours: Neighbours, rabbitmq_url: str
) -> None:
    async with asking(rabbitmq_url) as asker:
        await asker.ask("c-1", GOOD)
        event, _ = await asker.heard()
        job_id = event.data.job_id  # type: ignore[attr-defined]

        async def cancel(command_id: str) -> CloudEvent:
            await asker.ask(command_id, {"job_id": str(job_id)}, kind="cancel")
            answer, _ = await asker.heard()
            return answer

        asked = [await cancel("c-2"), await cancel("c-3")]
        await neighbours.say(a_media_ready(job_id=job_id))

        async def ready() -> None:
            assert (await client.get(f"/v1/media/{job_id}")).json()["status"] == "ready"

        await eventually(ready)
        again = [await cancel("c-2"), await cancel("c-3")]
        late = await cancel("c-4")

    assert [event.id for event in again] == [event.id for event in asked]
    for event in again:
        assert isinstance(event.data, MediaAccepted)
        assert event.data.job["status"] == "ready"
    assert isinstance(late.data, MediaRejected)
    assert late.data.problem["code"] == "already_final"


@pytest.mark.usefixtures("cards")
async def test_a_replayed_command_is_answered(
    app: ApiApp, client: httpx.AsyncClient, rabbitmq_url: str
) -> None:
    async with asking(rabbitmq_url) as asker:
        async with a_bug(app):
            await asker.ask("c-1", GOOD)
            [letter] = await letters(client, 1)
        await replay(client, letter)
        event, message = await asker.heard()

    assert isinstance(event.data, MediaAccepted)
    assert (letter["reply_to"], message.correlation_id) == (asker.reply_to, "question-7")


async def test_an_answer_of_a_process_that_died_is_given_by_the_next(
    settings: ApiSettings, app: ApiApp, cards: None, rabbitmq_url: str
) -> None:
    """What is committed with its answer is said, whoever says it."""
    async with asking(rabbitmq_url) as asker:
        await app._relay.stop()
        await asker.ask("c-1", GOOD)
        next_one = ApiApp(settings)
        await next_one.start()
        try:
            event, _ = await asker.heard()
            await asker.ask("c-1", GOOD)
            again, _ = await asker.heard()
        finally:
            await next_one.stop()

    assert isinstance(event.data, MediaAccepted)
    assert event == again


@pytest.mark.usefixtures("cards")
async def test_many_ask_at_once_and_each_is_answered(rabbitmq_url: str) -> None:
    async with asking(rabbitmq_url) as asker:
        names = [str(uuid7()) for _ in range(300)]
        await asyncio.gather(*(asker.ask(name, GOOD, correlation_id=name) for name in names))
        heard = [await asker.heard() for _ in names]

    assert {message.correlation_id for _, message in heard} == set(names)
    assert len({event.data.job_id for event, _ in heard}) == 300  # type: ignore[attr-defined]
