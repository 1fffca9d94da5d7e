"""Real workers and a provider that counts: whoever dies, each job is ordered once and paid once."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.generator.settings import GeneratorSettings
from shared.events import GeneratorAnnounced, MediaGenerated, MediaNeedsReconciliation, Resolution
from shared.testing import a_media_cancel_requested, a_media_reconciled, eventually
from tests.backends.databases import query
from tests.integration.generator.harness import Client, process, serving, told
from tests.integration.generator.steps import attempt_rows, job_row
from tests.simulators import OpenAiSimulator, ReplicateSimulator, faults

NEVER = 10**9
ASKED = {"model": "acme/painter", "prompt": "A lighthouse"}


@pytest.fixture
def settings(database_url: str, rabbitmq_url: str, tmp_path: Path) -> GeneratorSettings:
    return told(
        database_url,
        rabbitmq_url,
        tmp_path,
        lease_seconds=2,
        generators="replicate,openai-images",
    )


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReplicateSimulator]:
    with ReplicateSimulator() as provider:
        models = [{"model": "acme/painter", "price_per_second": 0.002}]
        configure(monkeypatch, "DARKROOM_REPLICATE_BACKENDS", provider.url, models=models)
        yield provider


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAiSimulator]:
    with OpenAiSimulator(answers_urls=True) as painter:
        variable, url = "DARKROOM_OPENAI_IMAGES_BACKENDS", f"{painter.url}/v1"
        configure(monkeypatch, variable, url, price_per_image=0.04)
        yield painter


def configure(monkeypatch: pytest.MonkeyPatch, variable: str, url: str, **more: Any) -> None:
    backend = {"name": "simulator", "base_url": url, "api_key": ReplicateSimulator.key}
    monkeypatch.setenv(variable, json.dumps([{**backend, "poll_seconds": 0.05, **more}]))


@contextmanager
def a_worker(settings: GeneratorSettings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process, killed at the end if it is still there."""
    worker = process(settings)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait(10)


async def ordered_by_one_that_is_killed(
    settings: GeneratorSettings, client: Client, provider: Any, generator: str, asked: Any
) -> UUID:
    """A worker takes the job, orders, and is killed with -9 when the provider has the order."""
    with a_worker(settings):
        await eventually(lambda: _must_be_announced(client, generator), timeout=60)
        job_id = await client.request(generator, input=asked)
        await eventually(lambda: _must_have(provider, 1), timeout=30)
    return job_id


async def test_the_order_of_a_killed_worker_is_waited_for_by_another_and_paid_once(
    settings: GeneratorSettings, client: Client, provider: ReplicateSimulator, database_url: str
) -> None:
    provider.looks = NEVER
    with a_worker(settings):
        await eventually(lambda: _must_be_announced(client, "replicate"), timeout=60)
        job_id = await client.request("replicate", input=ASKED)
        await eventually(lambda: _must_be_noted(database_url, job_id, "p000001"), timeout=30)
    provider.looks = 1

    async with serving(settings):
        made = await client.outcome(job_id)

    assert isinstance(made, MediaGenerated)
    assert (made.attempt.backend, made.attempt.cost) == ("simulator", 0.003)
    assert provider.submissions == 1
    rows = [(row["outcome"], row["cost"]) for row in attempt_rows(database_url, job_id)]
    assert [(outcome, None if cost is None else float(cost)) for outcome, cost in rows] == [
        ("lost", None),
        ("succeeded", 0.003),
    ]


async def test_a_worker_killed_before_it_heard_the_answer_leaves_an_order_that_is_found(
    settings: GeneratorSettings, client: Client, provider: ReplicateSimulator, database_url: str
) -> None:
    provider.faults.plan("submit", faults.slow(60))
    job_id = await ordered_by_one_that_is_killed(settings, client, provider, "replicate", ASKED)
    _must_be_noted(database_url, job_id, None)

    async with serving(settings):
        made = await client.outcome(job_id)

    assert isinstance(made, MediaGenerated)
    assert (provider.submissions, made.attempt.cost) == (1, 0.003)


async def test_an_order_that_cannot_be_asked_for_waits_for_somebody_who_looks(
    settings: GeneratorSettings, client: Client, painter: OpenAiSimulator, database_url: str
) -> None:
    painter.faults.plan("images", faults.slow(60))
    asked = {"prompt": "A lighthouse"}
    job_id = await ordered_by_one_that_is_killed(settings, client, painter, "openai-images", asked)

    async with serving(settings):
        await client.hears("needs_reconciliation", job_id)
        parked = client.of(job_id)[-1].data
        assert isinstance(parked, MediaNeedsReconciliation)
        assert (parked.provider, parked.provider_job_id) == ("simulator", None)
        assert job_row(database_url, job_id)["status"] == "needs_reconciliation"
        decided = a_media_reconciled(
            job_id=job_id,
            generator="openai-images",
            attempt=parked.attempt.number,
            resolution=Resolution.ATTACH,
            provider_job_id=f"{painter.url}/files/0",
        )
        await client.tell(decided)
        made = await client.outcome(job_id)

    assert isinstance(made, MediaGenerated)
    assert (painter.submissions, made.attempt.cost) == (1, 0.04)


async def test_a_limited_provider_is_asked_again_when_it_said(
    settings: GeneratorSettings, client: Client, provider: ReplicateSimulator, database_url: str
) -> None:
    provider.faults.plan("submit", faults.answers(429, retry_after="2"))
    async with serving(settings):
        job_id = await client.request("replicate", input=ASKED)
        made = await client.outcome(job_id)

    first, second = attempt_rows(database_url, job_id)
    assert second["started_at"] - first["ended_at"] >= timedelta(seconds=1.9)
    assert isinstance(made, MediaGenerated)
    assert (provider.submissions, first["cost"]) == (1, None)


async def test_canceling_a_job_cancels_its_order(
    settings: GeneratorSettings, client: Client, provider: ReplicateSimulator
) -> None:
    provider.looks = NEVER
    async with serving(settings):
        job_id = await client.request("replicate", input=ASKED)
        await eventually(lambda: _must_have(provider, 1))
        await client.tell(a_media_cancel_requested(job_id=job_id, generator="replicate"))
        await client.outcome(job_id)
        await eventually(lambda: _must_be_canceled(provider))


def _must_be_announced(client: Client, name: str) -> None:
    said = [event.data for event in client.heard if isinstance(event.data, GeneratorAnnounced)]
    assert name in [data.name for data in said]


def _must_have(provider: Any, orders: int) -> None:
    assert provider.submissions == orders


def _must_be_noted(database_url: str, job_id: UUID, provider_id: str | None) -> None:
    rows = query(database_url, "SELECT * FROM provider_job WHERE job_id = $1", job_id)
    assert [row["provider_id"] for row in rows] == [provider_id]


def _must_be_canceled(provider: ReplicateSimulator) -> None:
    assert provider.canceled == ["p000001"]
