"""The notifier, put together: outcomes in, last words out, once a job."""

from collections.abc import AsyncIterator

import aio_pika
import httpx
import pytest

from services.notifier.app import NotifierApp
from shared.events import MediaCanceled, MediaReady
from shared.messaging import topology
from shared.messaging.publisher import Publisher
from shared.testing import a_media_generated, a_media_generation_canceled, eventually
from tests.backends.databases import execute
from tests.integration.messaging.harness import Inbox, listening
from tests.integration.notifier.hearing import must_have_said, tell


@pytest.fixture
async def http(notifier: NotifierApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(notifier.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier") as client:
        yield client


async def test_outcomes_become_last_words(
    publisher: Publisher, last_words: Inbox, notifier: NotifierApp
) -> None:
    generated, canceled = a_media_generated(metadata={"order": 7}), a_media_generation_canceled()
    await tell(publisher, generated, canceled)
    heard = await eventually(lambda: must_have_said(last_words, 2))
    by_job = {event.subject: event.data for event in heard}
    ready, stopped = by_job[str(generated.job_id)], by_job[str(canceled.job_id)]
    assert isinstance(ready, MediaReady)
    assert ready.assets == generated.assets
    assert ready.metadata == {"order": 7}
    assert isinstance(stopped, MediaCanceled)


async def test_an_outcome_that_comes_again_is_answered_once(
    publisher: Publisher, last_words: Inbox, notifier: NotifierApp
) -> None:
    again = a_media_generated()
    for _ in range(3):
        await tell(publisher, again)
    await tell(publisher, a_media_generated())
    await eventually(lambda: must_have_said(last_words, 2))
    finals = [one for one in last_words.messages if one.app_id == "notifier"]
    assert len(finals) == 2, "one more outcome proves that the pipeline is active"


async def test_rubbish_is_a_dead_letter_and_the_notifier_goes_on(
    rabbitmq_url: str, publisher: Publisher, last_words: Inbox, notifier: NotifierApp
) -> None:
    channel = await publisher.connection.channel()
    exchange = await channel.get_exchange(topology.EVENTS)
    async with listening(rabbitmq_url, topology.DEAD, "#") as graves:
        await exchange.publish(aio_pika.Message(b"\x00rubbish"), "media.generated.card")
        await tell(publisher, a_media_generated())
        [letter] = await eventually(lambda: graves.must_hold(1))
        await eventually(lambda: must_have_said(last_words, 1))
    assert letter.headers["x-darkroom-queue"] == topology.NOTIFIER_OUTCOMES


async def test_a_thousand_outcomes_at_once_are_a_thousand_last_words(
    publisher: Publisher, last_words: Inbox, notifier: NotifierApp
) -> None:
    await tell(publisher, *(a_media_generated() for _ in range(1000)))
    await eventually(lambda: must_have_said(last_words, 1000), timeout=30)


async def test_it_is_ready_when_database_and_broker_are(http: httpx.AsyncClient) -> None:
    async def ready() -> None:
        answer = await http.get("/health/ready")
        assert answer.status_code == 200
        assert answer.json()["checks"] == {"database": "ok", "broker": "ok"}

    await eventually(ready)


async def test_its_figures_tell_what_waits_for_an_answer(http: httpx.AsyncClient) -> None:
    async def figures() -> None:
        told = (await http.get("/metrics")).text
        assert 'darkroom_ready{check="broker"} 1.0' in told
        assert 'darkroom_pending_ends_overdue{kind="cancel"} 0.0' in told
        assert "darkroom_outbox_oldest_seconds 0.0" in told

    await eventually(figures)


async def test_a_database_that_nobody_migrated_is_named_and_loses_nothing(
    publisher: Publisher, last_words: Inbox, http: httpx.AsyncClient, database: str
) -> None:
    execute(
        database,
        "ALTER TABLE alembic_version RENAME TO elsewhere",
        "ALTER TABLE verdict RENAME TO verdicts_elsewhere",
    )
    await tell(publisher, a_media_generated())
    answer = await http.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"].startswith("not migrated yet")
    execute(
        database,
        "ALTER TABLE verdicts_elsewhere RENAME TO verdict",
        "ALTER TABLE elsewhere RENAME TO alembic_version",
    )
    await eventually(lambda: must_have_said(last_words, 1))


async def test_what_it_did_is_measured(
    publisher: Publisher, last_words: Inbox, http: httpx.AsyncClient
) -> None:
    await tell(publisher, a_media_generated())
    await eventually(lambda: must_have_said(last_words, 1))

    async def measured() -> None:
        metrics = (await http.get("/metrics")).text
        assert 'darkroom_verdicts_total{generator="card",outcome="ready"} 1.0' in metrics
        assert 'darkroom_messages_handled_total{queue="notifier.outcomes"} 1.0' in metrics
        assert "darkroom_outbox_published_total 1.0" in metrics

    await eventually(measured)
