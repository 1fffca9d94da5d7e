"""What attempts cost and where they ran: recorded with each, and said."""

from services.generator.service.claiming import JobClaims
from services.generator.service.providers import ProviderJobStore
from services.generator.service.stopping import StopService
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock
from shared.events import MediaGenerated, MediaGenerationFailed, MediaRetrying
from tests.integration.generator.steps import (
    LEASE,
    TRANSIENT,
    VERDICTS,
    a_job,
    admit,
    admit_and_claim,
    attempt_rows,
    claim,
    generated,
    record,
    said,
)
from tests.integration.generator.test_claims import EXPIRED


async def test_each_attempt_is_recorded_with_its_own_cost(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    job.bill.charge("dear", 0.5)
    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))
    [again] = await claim(unit_of_work)
    assert again.bill.cost is None, "a new attempt owes nothing yet"
    again.bill.charge("cheap", 0.125)
    await record(unit_of_work, generated(again))

    rows = attempt_rows(database_url, job.id)
    assert [(row["backend"], row["cost"]) for row in rows] == [("dear", 0.5), ("cheap", 0.125)]
    retrying, made = (event.data for event in said(database_url))
    assert isinstance(retrying, MediaRetrying)
    assert isinstance(made, MediaGenerated)
    told = [(data.attempt.backend, data.attempt.cost) for data in (retrying, made)]
    assert told == [("dear", 0.5), ("cheap", 0.125)]


async def test_what_was_made_here_has_cost_nothing(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    job.bill.charge("dear", 0.5)
    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))
    [again] = await claim(unit_of_work)
    running = attempt_rows(database_url, job.id)[-1]
    await record(unit_of_work, generated(again))

    made = attempt_rows(database_url, job.id)[-1]
    assert [(row["backend"], row["cost"]) for row in (running, made)] == [("local", None)] * 2


async def test_a_lost_attempt_says_where_its_order_is_and_costs_nothing(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job())
    [job] = await claim(unit_of_work, worker="dead", lease=EXPIRED)
    job.bill.charge("fake", 0.5)
    await ProviderJobStore(unit_of_work).of(job).intend("fake")
    claims = JobClaims(["card"], unit_of_work, worker="w2", lease=LEASE, clock=SystemClock())

    [again] = await claims.take(1)
    again.bill.charge("fake", 0.5)
    await record(unit_of_work, generated(again))

    rows = attempt_rows(database_url, job.id)
    assert [(row["backend"], row["cost"]) for row in rows] == [("fake", None), ("fake", 0.5)]
    retrying = said(database_url)[0].data
    assert isinstance(retrying, MediaRetrying)
    assert (retrying.attempt.backend, retrying.attempt.cost) == ("fake", None)


async def test_the_last_attempt_of_a_job_says_where_its_order_is_too(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job(max_attempts=1))
    [job] = await claim(unit_of_work, worker="dead", lease=EXPIRED)
    await ProviderJobStore(unit_of_work).of(job).intend("fake")

    await StopService(unit_of_work, "w1", SystemClock(), lambda: None).reap()

    [failed] = (event.data for event in said(database_url))
    assert isinstance(failed, MediaGenerationFailed)
    assert failed.attempt is not None
    assert failed.attempt.backend == "fake"
