"""The smaller parts of the service: seeds, scratch folders, progress, wishes, settings, names."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.generator.models import EVERY_GENERATOR, Cause
from services.generator.runtime.environment import child_environment
from services.generator.service.admission import job_of
from services.generator.service.attempts import seed_of
from services.generator.service.held import HeldLeases
from services.generator.service.news import ProgressNews
from services.generator.service.pausing import word_of
from services.generator.service.scratch import ScratchSpace
from services.generator.service.stopping import wish_of
from services.generator.service.worker import worker_name
from services.generator.settings import GeneratorSettings
from shared.clock import uuid7
from shared.events import Deadline, Lane, MediaProgressed, Message, Webhook
from shared.testing import (
    MOMENT,
    FixedClock,
    RecordingPublisher,
    a_control,
    a_media_cancel_requested,
    a_media_deadline_passed,
    a_media_ready,
    a_media_requested,
    an_event,
)
from tests.unit.generator.builders import a_claimed_job


def test_the_seed_of_the_input_is_taken() -> None:
    assert seed_of(uuid7(), 42) == 42
    assert seed_of(uuid7(), 0) == 0


@pytest.mark.parametrize("given", [None, "42", True, -1, 2**32, 1.5])
def test_without_a_seed_the_job_has_one_of_its_own(given: object) -> None:
    job_id = UUID("01890a5d-ac96-774b-bcce-b302099a8057")

    assert seed_of(job_id, given) == seed_of(job_id, None)
    assert 0 <= seed_of(job_id, None) < 2**32
    assert seed_of(uuid7(), None) != seed_of(job_id, None)


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[ScratchSpace]:
    scratch = ScratchSpace(tmp_path)
    scratch.open()
    yield scratch
    scratch.close()


def test_attempts_have_folders_of_their_own(scratch: ScratchSpace) -> None:
    with scratch.folder() as first, scratch.folder() as second:
        assert first() == first() != second()
        assert first().stat().st_mode & 0o077 == 0


def test_an_attempt_that_asks_for_no_folder_costs_none(scratch: ScratchSpace) -> None:
    with scratch.folder():
        assert list(scratch.root.iterdir()) == []


def test_a_folder_is_empty_whatever_was_left_in_it(scratch: ScratchSpace) -> None:
    with scratch.folder() as folder:
        (folder() / "deep" / "deeper").mkdir(parents=True)
        (folder() / "deep" / "file").write_bytes(b"left")
        (folder() / "link").symlink_to("/")
        path = folder()

    with scratch.folder() as again:
        assert again() == path
        assert list(again().iterdir()) == []


def test_folders_that_a_crash_left_are_swept(tmp_path: Path, scratch: ScratchSpace) -> None:
    left, new = tmp_path / "darkroom-scratch-left", tmp_path / "darkroom-scratch-new"
    for folder in (left, new):
        folder.mkdir()
    long_ago = MOMENT.timestamp()
    for folder in (left, scratch.root):
        os.utime(folder, (long_ago, long_ago))

    other = ScratchSpace(tmp_path)
    other.open()

    assert sorted(tmp_path.iterdir()) == sorted([new, other.root, scratch.root])
    other.close()


async def test_progress_is_said_at_most_four_times_a_second() -> None:
    publisher, seconds = RecordingPublisher(), iter([0.0, 0.1, 0.26, 0.3, 0.6])
    job, held = a_claimed_job(), HeldLeases()
    held.take(job.key, job.held_until)
    news = ProgressNews(publisher, FixedClock(), held, now=lambda: next(seconds))
    news.start()
    report = news.reporter(job)

    for percent in (0, 10, 26, 30, 160):
        await report(percent, "working")
    await news.stop()

    data = [event.data for event in publisher.events]
    assert [one.percent for one in data if isinstance(one, MediaProgressed)] == [0, 26, 100]
    assert not any(message.persistent for message in publisher.published)


async def test_progress_that_cannot_be_said_is_forgotten() -> None:
    publisher = RecordingPublisher()
    publisher.away = True
    job, held = a_claimed_job(), HeldLeases()
    held.take(job.key, job.held_until)
    news = ProgressNews(publisher, FixedClock(), held)
    news.start()

    await news.reporter(job)(None, None)
    await news.stop()

    assert publisher.published == []


async def test_progress_is_not_said_of_a_job_that_may_be_in_other_hands() -> None:
    publisher, held, job = RecordingPublisher(), HeldLeases(), a_claimed_job()
    held.take(job.key, 0.0)
    news = ProgressNews(publisher, FixedClock(), held)
    news.start()

    await news.reporter(job)(50, "working")
    held.renew([job.key], float("inf"))
    await news.reporter(job)(60, "working")
    await news.stop()

    data = [event.data for event in publisher.events]
    assert [one.percent for one in data if isinstance(one, MediaProgressed)] == [60]


def test_the_limits_of_a_request_become_those_of_its_job() -> None:
    finish_by = MOMENT + timedelta(hours=1)
    job = job_of(an_event(a_media_requested(finish_by=finish_by, attempt_timeout_seconds=9)))

    assert job is not None
    assert (job.finish_by, job.attempt_timeout) == (finish_by, timedelta(seconds=9))


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"action": "pause", "generator": "card"}, ("card", True)),
        ({"action": "resume", "generator": None}, (EVERY_GENERATOR, False)),
    ],
)
def test_an_operators_command_is_a_word_about_one_generator_or_all(
    said: dict[str, str | None], word: tuple[str, bool]
) -> None:
    event = an_event(a_control(**said))

    read = word_of(event)

    assert read is not None
    assert ((read.generator, read.paused), read.said_at) == (word, event.time)


def test_a_request_becomes_a_job() -> None:
    webhook = Webhook(url="https://example.com/hook")
    data = a_media_requested(lane=Lane.BATCH, metadata={"a": 1}, webhook=webhook, max_attempts=3)
    event = an_event(data, tenant="acme", correlationid="corr")

    job = job_of(event)

    assert job is not None
    assert (job.id, job.tenant, job.lane, job.max_attempts) == (data.job_id, "acme", "batch", 3)
    assert (job.brief.metadata, job.brief.webhook) == ({"a": 1}, webhook)
    assert (job.brief.origin.correlationid, job.brief.origin.causationid) == ("corr", event.id)
    assert type(job.brief).from_dict(job.brief.as_dict()) == job.brief


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (a_media_cancel_requested(), Cause.CANCELED),
        (a_media_deadline_passed(), Cause.START),
        (a_media_deadline_passed(deadline=Deadline.TOTAL), Cause.TOTAL),
    ],
)
def test_a_cancellation_and_a_deadline_are_wishes(data: Message, cause: Cause) -> None:
    wish = wish_of(an_event(data))

    assert wish is not None
    assert wish.cause is cause


def test_other_events_are_neither_jobs_nor_wishes() -> None:
    assert job_of(an_event(a_media_ready())) is None
    assert wish_of(an_event(a_media_ready())) is None
    assert word_of(an_event(a_media_ready())) is None


def test_a_child_gets_only_what_it_needs_of_the_environment() -> None:
    kept = {"PATH": "/bin", "LC_ALL": "C", "DARKROOM_FONTS_FOLDER": "/fonts"}
    worker = kept | {"DARKROOM_RABBITMQ_URL": "amqp://u:p@h", "TOKEN": "x"}

    given = child_environment(worker)

    assert kept.items() <= given.items()
    assert given["OMP_NUM_THREADS"] == "1"
    assert not {"DARKROOM_RABBITMQ_URL", "TOKEN"} & given.keys()


def test_workers_have_different_names() -> None:
    assert len({worker_name() for _ in range(3)}) > 1
    assert str(os.getpid()) in worker_name()


def some_settings(**changes: object) -> GeneratorSettings:
    fields: dict[str, object] = {
        "database_url": "postgresql://u:p@h/d",
        "rabbitmq_url": "amqp://u:p@h",
        "store_url": "file:///somewhere",
    }
    return GeneratorSettings.model_validate({**fields, **changes})


def test_generators_are_named_with_commas() -> None:
    assert some_settings(generators=" card, art,").generators == frozenset({"card", "art"})
    assert some_settings().generators is None


def test_generators_are_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_GENERATORS", "card,art")

    assert some_settings().generators == frozenset({"card", "art"})


def test_there_is_a_slot_for_each_processor() -> None:
    assert some_settings().child_slots == os.cpu_count()
    assert some_settings(slots=0).child_slots == 0


def test_jobs_in_hand_get_the_greater_part_of_the_grace() -> None:
    assert some_settings(grace_seconds=25).finishing_grace == timedelta(seconds=20)


def test_a_store_is_needed() -> None:
    with pytest.raises(ValidationError, match="store_url"):
        GeneratorSettings(database_url="postgresql://h/d", rabbitmq_url="amqp://h")
