"""Jobs that wait until somebody has looked: parked, found again, ordered again, or given up."""

from typing import Any
from uuid import UUID

from services.generator.app import GeneratorApp
from services.generator.errors import FailureClass
from services.generator.models import Cause, ClaimedJob, Decision
from services.generator.runtime.setback import Setback
from services.generator.service.providers import ProviderJobStore
from services.generator.service.reconciling import ReconciliationService
from services.generator.service.stopping import StopService
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock
from shared.events import (
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaNeedsReconciliation,
    Resolution,
)
from shared.generators import ProviderJob
from shared.testing import a_media_cancel_requested, a_media_reconciled, eventually
from tests.backends.databases import execute, query
from tests.integration.generator.harness import Client, ask
from tests.integration.generator.ordering import NAME, FakeProvider
from tests.integration.generator.steps import (
    VERDICTS,
    a_wish,
    admit_and_claim,
    attempt_rows,
    claim,
    generated,
    job_row,
    record,
    said,
    stop,
)

UNKNOWN = Setback("outcome_unknown", "It may have been taken.", FailureClass.UNKNOWN)


async def a_parked_job(unit_of_work: OpenUnitOfWork, **changes: Any) -> ClaimedJob:
    """Its order may have arrived at `fake`, which has said nothing."""
    job = await admit_and_claim(unit_of_work, **changes)
    await ProviderJobStore(unit_of_work).of(job).intend("fake")
    await record(unit_of_work, VERDICTS.failed(job, UNKNOWN))
    return job


async def decide(
    unit_of_work: OpenUnitOfWork, job_id: UUID, resolution: Resolution, **more: Any
) -> None:
    decision = Decision(job_id, more.pop("attempt", 1), resolution, **more)
    service = ReconciliationService(unit_of_work, "w1", SystemClock(), resumed=lambda: None)
    await service.handle([decision])


async def test_a_job_whose_outcome_nobody_knows_is_parked_with_what_is_known(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await a_parked_job(unit_of_work, max_attempts=1)

    row = job_row(database_url, job.id)
    assert (row["status"], row["finished_at"], row["lease_until"]) == (
        "needs_reconciliation",
        None,
        None,
    )
    [event] = said(database_url)
    assert isinstance(event.data, MediaNeedsReconciliation)
    assert (event.data.provider, event.data.provider_job_id) == ("fake", None)
    assert event.data.attempt.backend == "fake"
    assert event.data.since == event.data.attempt.ended_at
    assert await claim(unit_of_work, slots=9) == []
    async with unit_of_work() as work:
        assert await work.admission.count_open() == {}
        assert await work.reconciliations.count_waiting() == {"card": 1}


async def test_attaching_lets_the_next_attempt_find_the_order(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await a_parked_job(unit_of_work, max_attempts=1)

    await decide(unit_of_work, job.id, Resolution.ATTACH, provider_id="theirs")

    [again] = await claim(unit_of_work)
    found = await ProviderJobStore(unit_of_work).of(again).find()
    assert found == ProviderJob("fake", "theirs", attempt=1)
    assert (again.attempt, again.max_attempts) == (2, 2), "the one in doubt counts for nothing"
    await record(unit_of_work, generated(again))
    assert [row["outcome"] for row in attempt_rows(database_url, job.id)] == ["failed", "succeeded"]


async def test_what_was_never_noted_can_be_attached_too(unit_of_work: OpenUnitOfWork) -> None:
    job = await admit_and_claim(unit_of_work)
    job.bill.charge("elsewhere", None)
    await record(unit_of_work, VERDICTS.failed(job, UNKNOWN))

    await decide(unit_of_work, job.id, Resolution.ATTACH, provider_id="theirs")

    [again] = await claim(unit_of_work)
    found = await ProviderJobStore(unit_of_work).of(again).find()
    assert found == ProviderJob("elsewhere", "theirs", attempt=1)


async def test_ordering_again_forgets_the_order(unit_of_work: OpenUnitOfWork) -> None:
    job = await a_parked_job(unit_of_work)

    await decide(unit_of_work, job.id, Resolution.RESUBMIT)

    [again] = await claim(unit_of_work)
    assert await ProviderJobStore(unit_of_work).of(again).find() is None


async def test_giving_up_fails_the_job_and_calls_off_the_order(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await a_parked_job(unit_of_work)

    await decide(unit_of_work, job.id, Resolution.FAIL, reason="The invoice does not show it.")

    assert job_row(database_url, job.id)["status"] == "failed"
    failed = said(database_url)[-1].data
    assert isinstance(failed, MediaGenerationFailed)
    assert (failed.failure.code, failed.failure.retryable) == ("outcome_unknown", False)
    assert failed.failure.message == "The invoice does not show it."
    assert failed.attempt is not None
    assert failed.attempt.backend == "fake"
    [order] = query(database_url, "SELECT cancel_at FROM provider_job")
    assert order["cancel_at"] is not None


async def test_a_decision_that_comes_again_or_too_late_changes_nothing(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await a_parked_job(unit_of_work)
    await decide(unit_of_work, job.id, Resolution.RESUBMIT)
    [again] = await claim(unit_of_work)
    await ProviderJobStore(unit_of_work).of(again).intend("fake")
    await record(unit_of_work, VERDICTS.failed(again, UNKNOWN))
    before = job_row(database_url, job.id), len(said(database_url))

    await decide(unit_of_work, job.id, Resolution.RESUBMIT)
    await decide(unit_of_work, job.id, Resolution.FAIL)

    assert (job_row(database_url, job.id), len(said(database_url))) == before
    await decide(unit_of_work, job.id, Resolution.FAIL, attempt=2)
    await decide(unit_of_work, job.id, Resolution.RESUBMIT, attempt=2)
    assert job_row(database_url, job.id)["status"] == "failed"


async def test_a_parked_job_is_canceled_at_once(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await a_parked_job(unit_of_work)

    assert await stop(unit_of_work, a_wish(job.id, Cause.START)) == ([], False)
    assert await stop(unit_of_work, a_wish(job.id)) == ([job.id], False)

    assert job_row(database_url, job.id)["status"] == "canceled"


async def test_a_job_that_was_to_be_canceled_meanwhile_does_not_stay_parked(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    await stop(unit_of_work, a_wish(job.id))
    await record(unit_of_work, VERDICTS.failed(job, UNKNOWN))

    await StopService(unit_of_work, "w1", SystemClock(), lambda: None).reap()

    assert job_row(database_url, job.id)["status"] == "canceled"


async def test_a_parked_job_ends_when_its_time_is_over(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await a_parked_job(unit_of_work)
    execute(database_url, "UPDATE job SET finish_by = now()")

    await StopService(unit_of_work, "w1", SystemClock(), lambda: None).reap()

    ended = said(database_url)[-1].data
    assert isinstance(ended, MediaGenerationCanceled)
    assert ended.reason == "deadline_passed"
    assert job_row(database_url, job.id)["status"] == "canceled"


async def test_the_service_parks_and_goes_on_when_it_is_told_what_became_of_the_order(
    app: GeneratorApp, client: Client, provider: FakeProvider
) -> None:
    provider.loses_answers = 1
    job_id = await client.request(NAME)
    await client.hears("needs_reconciliation", job_id)
    assert provider.orders == ["order-1"]

    provider.finished.set()
    await client.tell(
        a_media_reconciled(
            job_id=job_id,
            generator=NAME,
            resolution=Resolution.ATTACH,
            provider_job_id="order-1",
        )
    )

    made = await client.outcome(job_id)
    assert isinstance(made, MediaGenerated)
    assert (made.attempt.number, made.attempt.backend, made.attempt.cost) == (2, "fake", 0.25)
    assert (provider.orders, provider.waited_for) == (["order-1"], ["order-1"])


async def test_how_many_wait_for_somebody_is_shown(
    app: GeneratorApp, client: Client, provider: FakeProvider
) -> None:
    provider.loses_answers = 1
    job_id = await client.request(NAME)
    gauge = f'darkroom_jobs_needing_reconciliation{{generator="{NAME}"}}'

    async def must_show(count: float) -> None:
        assert f"{gauge} {count}" in (await ask(app, "/metrics")).text

    await eventually(lambda: must_show(1.0), timeout=20)
    await client.tell(a_media_cancel_requested(job_id=job_id, generator=NAME))
    assert isinstance(await client.outcome(job_id), MediaGenerationCanceled)
    await eventually(lambda: must_show(0.0), timeout=20)
    assert provider.canceled == [None]
