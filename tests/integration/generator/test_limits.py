"""Limits of attempts and jobs, kept by the whole service: real children, a real broker."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.generator.app import GeneratorApp
from services.generator.settings import GeneratorSettings
from shared.clock import SystemClock
from shared.events import (
    Deadline,
    MediaDeadlineMet,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaRetrying,
)
from shared.testing import a_media_deadline_passed
from tests.integration.generator.harness import Client, serving, told
from tests.integration.generator.steps import attempt_rows


@pytest.fixture
def settings(database_url: str, rabbitmq_url: str, tmp_path: Path) -> GeneratorSettings:
    return told(database_url, rabbitmq_url, tmp_path)


def within(**span: float) -> datetime:
    return SystemClock().now() + timedelta(**span)


def retries_of(client: Client, job_id: UUID) -> list[MediaRetrying]:
    return [e.data for e in client.of(job_id) if isinstance(e.data, MediaRetrying)]


def outcomes_of(database_url: str, job_id: UUID) -> list[str]:
    return [row["outcome"] for row in attempt_rows(database_url, job_id)]


async def test_an_attempt_that_lasts_too_long_is_stopped_and_tried_once_more(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    job_id = await client.request("flaky", input={"hang": True}, attempt_timeout_seconds=1)

    failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert failed.failure.code == "timed_out"
    assert outcomes_of(database_url, job_id) == ["timed_out"] * 2
    lasted = [row["ended_at"] - row["started_at"] for row in attempt_rows(database_url, job_id)]
    assert all(timedelta(seconds=0.9) < span < timedelta(seconds=10) for span in lasted)


async def test_an_attempt_within_its_limit_is_not_disturbed(
    app: GeneratorApp, client: Client
) -> None:
    job_id = await client.request(
        "flaky", input={"delay_seconds": 0.3}, attempt_timeout_seconds=30, finish_by=within(hours=1)
    )

    assert isinstance(await client.outcome(job_id), MediaGenerated)


async def test_a_job_that_runs_past_its_end_is_stopped_though_nobody_says_so(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    job_id = await client.request("flaky", input={"hang": True}, finish_by=within(seconds=2))

    canceled = await client.outcome(job_id, timeout=10)

    assert isinstance(canceled, MediaGenerationCanceled)
    assert (canceled.reason, canceled.deadline) == ("deadline_passed", Deadline.TOTAL)
    assert outcomes_of(database_url, job_id) == ["canceled"]
    await client.outcome(await client.request("flaky"), timeout=20)


async def test_a_total_deadline_that_is_announced_stops_a_running_job_within_moments(
    app: GeneratorApp, client: Client
) -> None:
    job_id = await client.request("flaky", input={"hang": True})
    await client.hears("started", job_id)

    passed = a_media_deadline_passed(job_id=job_id, generator="flaky", deadline=Deadline.TOTAL)
    await client.tell(passed)

    canceled = await client.outcome(job_id, timeout=4)
    assert isinstance(canceled, MediaGenerationCanceled)
    assert (canceled.reason, canceled.deadline) == ("deadline_passed", Deadline.TOTAL)


async def test_a_deadline_to_start_that_was_met_is_answered_and_the_job_goes_on(
    app: GeneratorApp, client: Client
) -> None:
    job_id = await client.request("flaky", input={"delay_seconds": 2}, metadata={"order": 7})
    await client.hears("started", job_id)

    await client.tell(a_media_deadline_passed(job_id=job_id, generator="flaky"))

    await client.hears("deadline_met", job_id)
    [met] = [e.data for e in client.of(job_id) if isinstance(e.data, MediaDeadlineMet)]
    assert met.metadata == {"order": 7}
    assert isinstance(await client.outcome(job_id), MediaGenerated)


async def test_what_no_slot_was_free_for_ends_at_its_deadline_though_the_api_is_silent(
    settings: GeneratorSettings, client: Client
) -> None:
    async with serving(settings.model_copy(update={"slots": 0})):
        job_id = await client.request("flaky", deadline_at=within(seconds=1))

        canceled = await client.outcome(job_id)

    assert isinstance(canceled, MediaGenerationCanceled)
    assert (canceled.reason, canceled.deadline) == ("deadline_passed", Deadline.START)


async def test_a_provider_that_says_later_is_asked_later(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    wish = {"limited_rate": 1, "only_first": 1, "retry_after_seconds": 1.5}
    job_id = await client.request("flaky", input=wish)

    assert isinstance(await client.outcome(job_id), MediaGenerated)

    first, second = attempt_rows(database_url, job_id)
    assert second["started_at"] - first["ended_at"] >= timedelta(seconds=1.4)
    assert [data.failure.code for data in retries_of(client, job_id)] == ["flaky_rate_limited"]


async def test_a_retry_that_would_come_too_late_is_not_waited_for(
    app: GeneratorApp, client: Client
) -> None:
    wish = {"limited_rate": 1, "retry_after_seconds": 3600, "message": "No more today."}
    job_id = await client.request("flaky", input=wish, finish_by=within(minutes=5))

    failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert (failed.failure.message, failed.number) == ("No more today.", 1)
    assert retries_of(client, job_id) == []


async def test_a_job_that_kills_its_child_again_and_again_is_given_up(
    app: GeneratorApp, client: Client
) -> None:
    job_id = await client.request("flaky", input={"crash": True}, max_attempts=10)

    failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert (failed.failure.code, failed.number) == ("child_died", 3)


async def test_a_job_that_runs_out_of_memory_is_tried_in_fresh_children_then_given_up(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    job_id = await client.request("flaky", input={"memory_mib": 4096})

    failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert (failed.failure.code, failed.number) == ("out_of_memory", 3)
    assert failed.failure.message == "It needed more memory than it may."
    assert outcomes_of(database_url, job_id) == ["failed"] * 3


async def test_after_every_way_to_lose_a_child_the_pool_is_whole(
    app: GeneratorApp, client: Client
) -> None:
    ways = ({"crash": True}, {"memory_mib": 4096}, {"hang": True})
    lost = [
        await client.request(
            "flaky", input=way, max_attempts=1, attempt_timeout_seconds=1 if "hang" in way else None
        )
        for way in ways
    ]

    ends = [await client.outcome(job_id) for job_id in lost]
    after = await client.outcome(await client.request("flaky"))

    assert [end.failure.code for end in ends if isinstance(end, MediaGenerationFailed)] == [
        "child_died",
        "out_of_memory",
        "timed_out",
    ]
    assert isinstance(after, MediaGenerated)


async def test_a_request_may_be_tried_only_once(app: GeneratorApp, client: Client) -> None:
    job_id = await client.request("flaky", input={"transient_rate": 1}, max_attempts=1)

    failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert failed.number == 1
