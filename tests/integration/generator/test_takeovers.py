"""Workers that vanish, freeze, or lose their database in the middle of a job."""

import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest

from services.generator.settings import GeneratorSettings
from shared.clock import SystemClock
from shared.events import MediaGenerated, MediaGenerationFailed, MediaProgressed, MediaRetrying
from shared.testing import eventually
from tests.backends.databases import query
from tests.integration.database.proxy import PostgresProxy
from tests.integration.generator.harness import (
    Client,
    in_a_thread,
    process,
    serving,
    told,
)
from tests.integration.generator.steps import attempt_rows, job_row

LEASE = 3.0


@pytest.fixture
def settings(database_url: str, rabbitmq_url: str, tmp_path: Path) -> GeneratorSettings:
    return told(
        database_url,
        rabbitmq_url,
        tmp_path,
        lease_seconds=LEASE,
        grace_seconds=4,
        generators="flaky",
    )


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[PostgresProxy]:
    proxy = PostgresProxy(database_url)
    await proxy.open()
    yield proxy
    await proxy.close()


@contextmanager
def working(settings: GeneratorSettings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process, killed at the end if it is still there."""
    worker = process(settings)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait(10)


async def test_a_frozen_worker_that_wakes_up_too_late_does_and_says_nothing_more(
    settings: GeneratorSettings, client: Client, database_url: str
) -> None:
    with working(settings) as frozen:
        job_id = await client.request("flaky", input={"delay_seconds": 9})
        await eventually(lambda: _must_have_progressed(client, attempt=1), timeout=60)
        frozen.send_signal(signal.SIGSTOP)

        async with serving(settings):
            await eventually(lambda: _must_have_progressed(client, attempt=2), timeout=60)
            said = progress(client, attempt=1)
            frozen.send_signal(signal.SIGCONT)
            await eventually(lambda: _must_have_no_child(frozen))

            made = await client.outcome(job_id)

    assert (made.attempt.number, progress(client, attempt=1)) == (2, said)
    assert client.course(job_id) == ["retrying", "generated"]
    assert [row["outcome"] for row in attempt_rows(database_url, job_id)] == ["lost", "succeeded"]


async def test_a_frozen_workers_finished_result_does_not_count_twice(
    settings: GeneratorSettings, client: Client, database_url: str
) -> None:
    with working(settings) as frozen:
        job_id = await client.request("flaky", input={"delay_seconds": 1, "seed": 7})
        await client.hears("started", job_id)
        frozen.send_signal(signal.SIGSTOP)

        async with serving(settings):
            made = await client.outcome(job_id)
        frozen.send_signal(signal.SIGCONT)
        later = await client.outcome(await client.request("flaky"))

    lost, _ = attempt_rows(database_url, job_id)
    assert later.attempt.worker == lost["worker"] != made.attempt.worker
    assert client.course(job_id) == ["retrying", "generated"]
    [asset] = query(database_url, "SELECT * FROM asset WHERE job_id = $1", job_id)
    assert asset["sha256"] == made.assets[0].sha256


async def test_a_job_that_kills_its_workers_is_given_up_after_three(
    settings: GeneratorSettings, client: Client, database_url: str
) -> None:
    job_id = await client.request("flaky", input={"kill_worker": True}, max_attempts=10)
    for _ in range(3):
        with working(settings) as worker:
            assert await in_a_thread(worker, 30) == -signal.SIGKILL

    async with serving(settings):
        failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert failed.failure.code == "worker_lost"
    assert client.course(job_id) == ["retrying", "retrying", "generation_failed"]
    assert [row["outcome"] for row in attempt_rows(database_url, job_id)] == ["lost"] * 3


async def test_a_job_with_one_attempt_ends_with_its_worker(
    settings: GeneratorSettings, client: Client
) -> None:
    job_id = await client.request("flaky", input={"kill_worker": True}, max_attempts=1)
    with working(settings) as worker:
        await in_a_thread(worker, 30)

    async with serving(settings):
        failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert (failed.failure.code, failed.number) == ("worker_lost", 1)


async def test_the_delay_of_a_retry_survives_a_restart_of_everything(
    settings: GeneratorSettings, client: Client, database_url: str
) -> None:
    wish = {"transient_rate": 1, "only_first": 1, "retry_after_seconds": 8}
    with working(settings) as worker:
        job_id = await client.request("flaky", input=wish)
        await client.hears("retrying", job_id)
        worker.kill()
    due = job_row(database_url, job_id)["available_at"]

    async with serving(settings):
        made = await client.outcome(job_id)

    assert isinstance(made, MediaGenerated)
    first, second = attempt_rows(database_url, job_id)
    assert due - first["ended_at"] >= timedelta(seconds=7.5)
    assert second["started_at"] >= due


@pytest.mark.parametrize("how", ["closed", "frozen"])
async def test_a_database_that_is_away_for_longer_than_the_lease_costs_no_attempt(
    settings: GeneratorSettings, client: Client, proxy: PostgresProxy, how: str
) -> None:
    url = {"database_url": proxy.url.replace("postgresql://", "postgresql+asyncpg://")}
    patient = settings.model_copy(update={"slots": 4, "lease_seconds": LEASE, **url})
    async with serving(patient), serving(patient):
        jobs = await client.request_many(4, "flaky", input={"delay_seconds": 9}, max_attempts=1)
        for job_id in jobs:
            await client.hears("started", job_id)

        await (proxy.close() if how == "closed" else _freeze(proxy))
        long_enough = SystemClock().now() + timedelta(seconds=2 * LEASE)
        await eventually(lambda: _must_be_later_than(long_enough))
        await (proxy.open() if how == "closed" else _thaw(proxy))

        made = [await client.outcome(job_id, timeout=60) for job_id in jobs]

    assert all(isinstance(one, MediaGenerated) for one in made)
    assert not any(isinstance(event.data, MediaRetrying) for event in client.heard)


async def _freeze(proxy: PostgresProxy) -> None:
    proxy.freeze()


async def _thaw(proxy: PostgresProxy) -> None:
    proxy.thaw()


def progress(client: Client, attempt: int) -> int:
    """How often it was said how far an attempt is."""
    heard = [event.data for event in client.heard if isinstance(event.data, MediaProgressed)]
    return sum(data.attempt == attempt for data in heard)


def _must_have_progressed(client: Client, attempt: int) -> None:
    assert progress(client, attempt) >= 1


def _must_have_no_child(worker: subprocess.Popen[bytes]) -> None:
    assert psutil.Process(worker.pid).children() == []


def _must_be_later_than(moment: datetime) -> None:
    assert SystemClock().now() > moment
