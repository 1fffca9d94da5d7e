"""Leases: renewed together, lost when another has taken over, and the carriers of wishes."""

from datetime import timedelta

from services.generator.models import Cause
from services.generator.unit_of_work import OpenUnitOfWork
from tests.integration.generator.steps import (
    LEASE,
    a_job,
    a_wish,
    admit,
    admit_and_claim,
    claim,
    generated,
    record,
    stop,
)
from tests.integration.generator.test_claims import EXPIRED


async def test_what_is_renewed_is_not_taken_over(unit_of_work: OpenUnitOfWork) -> None:
    await admit(unit_of_work, a_job())
    [job] = await claim(unit_of_work, lease=EXPIRED)

    async with unit_of_work() as work:
        renewed = await work.leases.renew([job.key], LEASE)

    assert renewed == {job.key: None}
    assert await claim(unit_of_work, worker="greedy") == []


async def test_a_lease_that_was_taken_over_does_not_come_back(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await admit(unit_of_work, a_job())
    [lost] = await claim(unit_of_work, lease=EXPIRED)
    [taken] = await claim(unit_of_work, worker="other")

    async with unit_of_work() as work:
        renewed = await work.leases.renew([lost.key, taken.key], timedelta(seconds=9))

    assert renewed == {taken.key: None}


async def test_a_finished_job_has_no_lease(unit_of_work: OpenUnitOfWork) -> None:
    job = await admit_and_claim(unit_of_work)
    await record(unit_of_work, generated(job))

    async with unit_of_work() as work:
        assert await work.leases.renew([job.key], LEASE) == {}


async def test_renewing_brings_back_who_is_to_stop(unit_of_work: OpenUnitOfWork) -> None:
    await admit(unit_of_work, a_job(), a_job())
    unwanted, wanted = await claim(unit_of_work, 2)
    await stop(unit_of_work, a_wish(unwanted.id))

    async with unit_of_work() as work:
        renewed = await work.leases.renew([unwanted.key, wanted.key], LEASE)

    assert renewed == {unwanted.key: Cause.CANCELED, wanted.key: None}
