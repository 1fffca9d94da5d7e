"""Work at a provider: ordered once, found again by the next worker, called off when not wanted."""

from typing import Any
from uuid import UUID

import pytest

from services.generator.app import GeneratorApp
from services.generator.service.providers import ProviderJobStore
from services.generator.service.stopping import StopService
from services.generator.settings import GeneratorSettings
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock
from shared.errors import WorkerLostError
from shared.events import (
    MediaCostSettled,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
)
from shared.generators import ProviderJob
from shared.testing import a_media_cancel_requested, eventually
from tests.backends.databases import execute, query
from tests.integration.generator.harness import Client, ask, serving
from tests.integration.generator.ordering import NAME, FakeProvider
from tests.integration.generator.steps import VERDICTS, a_job, a_wish, admit, claim, record
from tests.integration.generator.test_claims import EXPIRED


def kept(database_url: str, job_id: UUID) -> dict[str, Any]:
    [row] = query(database_url, "SELECT * FROM provider_job WHERE job_id = $1", job_id)
    return row


async def an_order_of_a_worker_that_died(
    unit_of_work: OpenUnitOfWork, *, heard: bool = True, **changes: Any
) -> UUID:
    """Noted, perhaps with the provider's answer; then the worker was heard of no more."""
    await admit(unit_of_work, a_job(generator=NAME, input={}, **changes))
    [job] = await claim(unit_of_work, generators=(NAME,), worker="dead", lease=EXPIRED)
    orders = ProviderJobStore(unit_of_work).of(job)
    await orders.intend("fake")
    if heard:
        await orders.submitted("order-of-the-dead")
    return job.id


async def test_what_is_ordered_is_noted_before_it_is_waited_for(
    app: GeneratorApp, client: Client, provider: FakeProvider, database_url: str
) -> None:
    job_id = await client.request(NAME)
    await eventually(lambda: _must_be(provider.waited_for, ["order-1"]))

    row = kept(database_url, job_id)
    assert (row["provider"], row["provider_id"], row["attempt"]) == ("fake", "order-1", 1)
    provider.finished.set()
    assert isinstance(await client.outcome(job_id), MediaGenerated)
    assert provider.canceled == []


async def test_the_next_worker_waits_for_what_the_last_one_has_ordered(
    settings: GeneratorSettings,
    client: Client,
    provider: FakeProvider,
    unit_of_work: OpenUnitOfWork,
) -> None:
    job_id = await an_order_of_a_worker_that_died(unit_of_work)
    provider.finished.set()

    async with serving(settings):
        made = await client.outcome(job_id)

    assert isinstance(made, MediaGenerated)
    assert (provider.orders, provider.waited_for) == ([], ["order-of-the-dead"])


async def test_an_order_whose_answer_was_never_heard_is_known_to_be_in_doubt(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await an_order_of_a_worker_that_died(unit_of_work, heard=False)
    [job] = await claim(unit_of_work, generators=(NAME,))

    known = await ProviderJobStore(unit_of_work).of(job).find()

    assert known == ProviderJob("fake", None, attempt=1)


async def test_an_order_that_was_certainly_not_taken_leaves_no_doubt(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await admit(unit_of_work, a_job())
    [late] = await claim(unit_of_work, lease=EXPIRED)
    [owner] = await claim(unit_of_work)
    store = ProviderJobStore(unit_of_work)
    await store.of(owner).intend("fake")

    await store.of(late).forget()
    assert await store.of(owner).find() is not None
    await store.of(owner).forget()

    assert await store.of(owner).find() is None


async def test_who_has_lost_a_job_orders_nothing_for_it_any_more(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job())
    [late] = await claim(unit_of_work, lease=EXPIRED)
    [owner] = await claim(unit_of_work)
    store = ProviderJobStore(unit_of_work)
    await store.of(owner).intend("fake")

    with pytest.raises(WorkerLostError):
        await store.of(late).intend("fake")
    with pytest.raises(WorkerLostError):
        await store.of(late).submitted("late")

    assert kept(database_url, owner.id)["provider_id"] is None


async def test_canceling_a_running_job_calls_off_its_order_without_waiting_for_the_provider(
    app: GeneratorApp, client: Client, provider: FakeProvider, database_url: str
) -> None:
    provider.answers.clear()
    job_id = await client.request(NAME)
    await eventually(lambda: _must_be(provider.waited_for, ["order-1"]))

    await client.tell(a_media_cancel_requested(job_id=job_id, generator=NAME))

    assert isinstance(await client.outcome(job_id, timeout=10), MediaGenerationCanceled)
    await eventually(lambda: _must_be(provider.canceled, ["order-1"]))
    assert kept(database_url, job_id)["canceled_at"] is None
    provider.answers.set()
    await eventually(lambda: _must_have_been_told(database_url, job_id))
    assert provider.canceled == ["order-1"]


async def test_what_a_canceled_order_has_cost_is_entered_and_said_once(
    app: GeneratorApp, client: Client, provider: FakeProvider, database_url: str
) -> None:
    provider.charges = 0.25
    job_id = await client.request(NAME)
    await eventually(lambda: _must_be(provider.waited_for, ["order-1"]))
    await client.tell(a_media_cancel_requested(job_id=job_id, generator=NAME))

    ended = await client.outcome(job_id)
    await client.hears("cost_settled", job_id)

    [settled] = [one.data for one in client.heard if isinstance(one.data, MediaCostSettled)]
    assert isinstance(ended, MediaGenerationCanceled)
    assert ended.attempt
    assert ended.attempt.cost is None
    assert settled.attempt == ended.attempt.model_copy(update={"cost": 0.25})
    sql = "SELECT number, outcome, cost FROM ended_attempt WHERE job_id = $1"
    assert query(database_url, sql, job_id) == [{"number": 1, "outcome": "canceled", "cost": 0.25}]


async def test_what_is_known_of_an_attempts_cost_stays(unit_of_work: OpenUnitOfWork) -> None:
    await admit(unit_of_work, a_job(generator=NAME, input={}))
    [job] = await claim(unit_of_work, generators=(NAME,))
    await ProviderJobStore(unit_of_work).of(job).intend("fake")
    job.bill.charge("fake", 0.5)
    await record(unit_of_work, VERDICTS.canceled(job))

    async with unit_of_work() as work:
        assert await work.providers.settle(job.id, 0.25) is None


async def test_a_job_that_ends_without_a_worker_has_its_order_called_off_by_another(
    settings: GeneratorSettings,
    client: Client,
    provider: FakeProvider,
    unit_of_work: OpenUnitOfWork,
    database_url: str,
) -> None:
    job_id = await an_order_of_a_worker_that_died(unit_of_work, max_attempts=1)

    async with serving(settings):
        failed = await client.outcome(job_id)
        await eventually(lambda: _must_have_been_told(database_url, job_id))

    assert isinstance(failed, MediaGenerationFailed)
    assert (provider.orders, provider.canceled) == ([], ["order-of-the-dead"])


async def test_a_job_that_waits_for_a_retry_has_its_order_called_off_when_it_is_canceled(
    settings: GeneratorSettings,
    client: Client,
    provider: FakeProvider,
    unit_of_work: OpenUnitOfWork,
    database_url: str,
) -> None:
    await admit(unit_of_work, a_job(generator=NAME, input={}))
    [job] = await claim(unit_of_work, generators=(NAME,))
    await ProviderJobStore(unit_of_work).of(job).intend("fake")
    await record(unit_of_work, VERDICTS.released(job))
    await StopService(unit_of_work, "w1", SystemClock(), lambda: None).handle([a_wish(job.id)])

    async with serving(settings):
        await eventually(lambda: _must_have_been_told(database_url, job.id))

    assert provider.canceled == [None]


async def test_a_provider_that_cannot_be_told_is_told_again(
    app: GeneratorApp, client: Client, provider: FakeProvider, database_url: str
) -> None:
    provider.refusals = 1
    job_id = await client.request(NAME)
    await eventually(lambda: _must_be(provider.waited_for, ["order-1"]))
    await client.tell(a_media_cancel_requested(job_id=job_id, generator=NAME))
    await client.outcome(job_id)

    await eventually(lambda: _must_have_failed(database_url, job_id))
    metrics = (await ask(app, "/metrics")).text
    assert f'darkroom_provider_cancels_total{{generator="{NAME}",outcome="failed"}} 1.0' in metrics
    execute(database_url, "UPDATE provider_job SET cancel_at = now()")

    await eventually(lambda: _must_have_been_told(database_url, job_id))
    assert provider.canceled == ["order-1"] * 2


async def test_a_provider_that_can_never_be_told_is_given_up(
    app: GeneratorApp, client: Client, provider: FakeProvider, database_url: str
) -> None:
    provider.refusals = 100
    job_id = await client.request(NAME)
    await eventually(lambda: _must_be(provider.waited_for, ["order-1"]))
    execute(database_url, "UPDATE provider_job SET cancel_tries = 4")
    await client.tell(a_media_cancel_requested(job_id=job_id, generator=NAME))

    await eventually(lambda: _must_have_failed(database_url, job_id))

    row = kept(database_url, job_id)
    assert (row["cancel_at"], row["canceled_at"], row["cancel_tries"]) == (None, None, 5)


def _must_have_been_told(database_url: str, job_id: UUID) -> None:
    assert kept(database_url, job_id)["canceled_at"] is not None


def _must_have_failed(database_url: str, job_id: UUID) -> None:
    assert "does not answer" in kept(database_url, job_id)["cancel_error"]


def _must_be(value: object, wanted: object) -> None:
    assert value == wanted
