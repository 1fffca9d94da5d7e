"""Jobs that are to end, told over the broker: answered, or closed by the notifier itself."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from services.notifier.app import NotifierApp
from shared.events import CloudEvent, Deadline, MediaCanceled, MediaExpired, MediaReady
from shared.messaging.publisher import Publisher
from shared.testing import (
    a_media_cancel_requested,
    a_media_deadline_met,
    a_media_deadline_passed,
    a_media_generated,
    a_media_generation_canceled,
    eventually,
)
from tests.backends.databases import query
from tests.integration.messaging.harness import Inbox
from tests.integration.notifier.conftest import a_notifier
from tests.integration.notifier.hearing import must_have_said, tell

PATIENCE = 30


@pytest.fixture
async def second_notifier(
    database: str, rabbitmq_url: str, notifier: NotifierApp
) -> AsyncIterator[NotifierApp]:
    app = a_notifier(database, rabbitmq_url)
    await app.start()
    yield app
    await app.stop()


async def hear(last_words: Inbox, count: int) -> dict[UUID, CloudEvent]:
    """The final events once there are `count`, by job."""
    heard = await eventually(lambda: must_have_said(last_words, count), timeout=PATIENCE)
    return {UUID(str(event.subject)): event for event in heard}


def must_have_nothing_pending(database: str) -> None:
    assert query(database, "SELECT * FROM pending_end") == []


async def test_without_any_worker_wishes_are_carried_out_after_the_grace(
    publisher: Publisher, last_words: Inbox, notifier: NotifierApp, database: str
) -> None:
    cancel = a_media_cancel_requested()
    start, total = a_media_deadline_passed(), a_media_deadline_passed(deadline=Deadline.TOTAL)
    await tell(publisher, cancel, start, total)
    heard = await hear(last_words, 3)
    assert isinstance(heard[cancel.job_id].data, MediaCanceled)
    for passed in (start, total):
        expired = heard[passed.job_id].data
        assert isinstance(expired, MediaExpired)
        assert (expired.deadline, expired.deadline_at) == (passed.deadline, passed.deadline_at)
    must_have_nothing_pending(database)


async def test_an_answer_wins_and_nothing_follows_it(
    publisher: Publisher, last_words: Inbox, notifier: NotifierApp
) -> None:
    cancel, other = a_media_cancel_requested(), a_media_cancel_requested()
    await tell(publisher, cancel, a_media_generated(job_id=cancel.job_id), other)
    heard = await hear(last_words, 2)
    assert isinstance(heard[cancel.job_id].data, MediaReady)


async def test_a_result_that_comes_after_the_closing_is_not_said(
    publisher: Publisher, last_words: Inbox, notifier: NotifierApp
) -> None:
    cancel = a_media_cancel_requested()
    await tell(publisher, cancel)
    await hear(last_words, 1)
    await tell(publisher, a_media_generated(job_id=cancel.job_id), a_media_generated())
    heard = await hear(last_words, 2)
    assert isinstance(heard[cancel.job_id].data, MediaCanceled)


async def test_a_deadline_that_was_met_leaves_the_job_to_its_worker(
    publisher: Publisher, last_words: Inbox, notifier: NotifierApp, database: str
) -> None:
    early, late = a_media_deadline_passed(), a_media_deadline_passed()
    met = [a_media_deadline_met(job_id=passed.job_id) for passed in (early, late)]
    await tell(publisher, early, met[0], met[1], late)
    await tell(publisher, early, late, *met)
    overdue = a_media_deadline_passed()
    await tell(publisher, overdue)
    assert set(await hear(last_words, 1)) == {overdue.job_id}
    await tell(publisher, *(a_media_generated(job_id=one.job_id) for one in (early, late)))
    heard = await hear(last_words, 3)
    assert all(isinstance(heard[one.job_id].data, MediaReady) for one in (early, late))
    must_have_nothing_pending(database)


async def test_two_notifiers_close_every_job_once_however_often_they_are_told(
    publisher: Publisher,
    last_words: Inbox,
    notifier: NotifierApp,
    second_notifier: NotifierApp,
    database: str,
) -> None:
    wishes = [a_media_cancel_requested() for _ in range(500)]
    answers = [a_media_generation_canceled(job_id=wish.job_id) for wish in wishes[:250]]
    for _ in range(2):
        await tell(publisher, *wishes, *answers)
    await hear(last_words, 500)
    await tell(publisher, *wishes, *answers)
    await tell(publisher, a_media_cancel_requested())
    await hear(last_words, 501)
    finals = [one for one in last_words.messages if one.app_id == "notifier"]
    assert len(finals) == 501, "one more wish proves that the others were heard again"
    must_have_nothing_pending(database)
