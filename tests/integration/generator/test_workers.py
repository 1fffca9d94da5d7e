"""Several workers: killed, stopped, started again; no job is lost and none is made twice."""

import signal
from pathlib import Path

import pytest

from services.generator.settings import GeneratorSettings
from shared.events import MediaGenerated, MediaRetrying
from tests.integration.generator.harness import (
    Client,
    in_a_thread,
    process,
    serving,
    told,
)
from tests.integration.generator.steps import attempt_rows, job_row


@pytest.fixture
def settings(database_url: str, rabbitmq_url: str, tmp_path: Path) -> GeneratorSettings:
    return told(
        database_url, rabbitmq_url, tmp_path, lease_seconds=1.5, grace_seconds=4, generators="flaky"
    )


async def test_the_job_of_a_killed_worker_is_made_by_another(
    settings: GeneratorSettings, client: Client, database_url: str
) -> None:
    worker = process(settings)
    try:
        job_id = await client.request("flaky", input={"hang": True, "only_first": 1})
        await client.hears("started", job_id)
    finally:
        worker.kill()
        await in_a_thread(worker, 10)

    async with serving(settings):
        made = await client.outcome(job_id)

    assert isinstance(made, MediaGenerated)
    assert made.attempt.number == 2
    lost = [e.data for e in client.of(job_id) if isinstance(e.data, MediaRetrying)]
    assert [data.failure.code for data in lost] == ["worker_lost"]
    assert [row["outcome"] for row in attempt_rows(database_url, job_id)] == ["lost", "succeeded"]


async def test_a_stopped_worker_finishes_what_it_can(
    settings: GeneratorSettings, client: Client
) -> None:
    patient = settings.model_copy(update={"lease_seconds": 30, "grace_seconds": 25})
    worker = process(patient)
    try:
        job_id = await client.request("flaky", input={"delay_seconds": 1.5})
        await client.hears("started", job_id)
    finally:
        worker.send_signal(signal.SIGTERM)
        code = await in_a_thread(worker, 40)

    assert code == 0
    assert isinstance(await client.outcome(job_id), MediaGenerated)


async def test_a_stopped_worker_gives_back_what_it_cannot_finish(
    settings: GeneratorSettings, client: Client, database_url: str
) -> None:
    worker = process(settings)
    try:
        job_id = await client.request("flaky", input={"hang": True, "only_first": 1})
        await client.hears("started", job_id)
    finally:
        worker.send_signal(signal.SIGTERM)
        code = await in_a_thread(worker, 20)

    assert code == 0
    assert client.course(job_id) == ["retrying"]
    assert job_row(database_url, job_id)["max_attempts"] == 6
    async with serving(settings):
        made = await client.outcome(job_id)
    assert made.attempt.number == 2


async def test_two_workers_share_the_work_without_doing_any_twice(
    settings: GeneratorSettings, client: Client, database_url: str
) -> None:
    patient = settings.model_copy(update={"lease_seconds": 30})
    async with serving(patient), serving(patient):
        jobs = await client.request_many(24, "flaky", input={"delay_seconds": 0.1})
        made = [await client.outcome(job_id, timeout=60) for job_id in jobs]

    assert all(one.attempt.number == 1 for one in made)
    assert len({one.attempt.worker for one in made}) == 2
    assert all(len(attempt_rows(database_url, job_id)) == 1 for job_id in jobs)
