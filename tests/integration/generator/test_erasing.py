"""Jobs that were deleted: nothing of what was in them is kept."""

import json

from services.generator.models import Brief, Erasure
from services.generator.service.erasing import ErasureService
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7
from shared.events import InputAsset, Origin, Webhook
from tests.backends.databases import query
from tests.integration.generator.steps import (
    PERMANENT,
    VERDICTS,
    admit_and_claim,
    attempt_rows,
    claim,
    generated,
    job_row,
    record,
)

SECRET = InputAsset(sha256="a" * 64, media_type="image/png", size=1)
BRIEF = Brief(
    {"order": 7},
    Webhook(url="https://example.org/hook"),
    Origin("default", "corr", "cause"),
    {"an id": SECRET},
)


def service(unit_of_work: OpenUnitOfWork) -> ErasureService:
    return ErasureService(unit_of_work, "w1")


async def test_what_is_erased_leaves_that_there_was_a_job(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work, brief=BRIEF)
    other = await admit_and_claim(unit_of_work)
    await record(unit_of_work, generated(job), generated(other))
    finished = job_row(database_url, job.id)["finished_at"]

    for _ in range(2):
        await service(unit_of_work).handle([Erasure(job.id), Erasure(job.id), Erasure(uuid7())])

    row = job_row(database_url, job.id)
    assert (row["status"], row["finished_at"], row["input"]) == ("generated", finished, "{}")
    assert Brief.from_dict(json.loads(row["request"])) == Brief(origin=BRIEF.origin)
    assert {one["job_id"] for one in query(database_url, "SELECT * FROM asset")} == {other.id}


async def test_what_was_said_of_its_attempts_is_erased_too(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    await record(unit_of_work, VERDICTS.failed(job, PERMANENT))

    await service(unit_of_work).handle([Erasure(job.id)])

    [attempt] = attempt_rows(database_url, job.id)
    assert attempt["outcome"] == "failed"
    failure = json.loads(attempt["failure"])
    assert failure == {"code": "flaky_permanent", "message": "", "retryable": False}


async def test_what_still_runs_has_nothing_to_say_any_more(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)

    await service(unit_of_work).handle([Erasure(job.id)])

    assert await record(unit_of_work, generated(job)) == set()
    assert await claim(unit_of_work) == []
    assert job_row(database_url, job.id)["status"] == "canceled"
    assert query(database_url, "SELECT * FROM asset") == []
