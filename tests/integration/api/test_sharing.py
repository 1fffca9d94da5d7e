"""What overflows is called out where it would wait behind the overflow of another tenant."""

from dataclasses import replace
from uuid import UUID

from services.api.models import Missing, Place, Status
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.database.engine import create_engine
from shared.events import MediaRequested
from tests.backends.databases import query
from tests.conftest import MakeDatabase
from tests.integration.api.test_repositories import changed
from tests.unit.api.builders import a_job, a_new_request

CARDS = ("card", "interactive")


def place(tenant: str) -> Place:
    return Place(tenant, *CARDS)


async def overflow(unit_of_work: OpenUnitOfWork, tenant: str, count: int) -> list[UUID]:
    """So many jobs of the tenant's, oldest first."""
    requests = [replace(a_new_request(tenant=tenant), overflow=True) for _ in range(count)]
    async with unit_of_work() as work:
        await work.acceptance.add(requests)
    return [request.job.id for request in requests]


async def call_out(unit_of_work: OpenUnitOfWork, **missing: int) -> int:
    async with unit_of_work() as work:
        return await work.sharing.call_out(
            [Missing(place(tenant), count) for tenant, count in missing.items()]
        )


async def overflowing(unit_of_work: OpenUnitOfWork) -> dict[str, int]:
    async with unit_of_work() as work:
        counts = await work.jobs.count_queued()
    return {place.tenant: waiting.overflow for place, waiting in counts.items()}


async def test_what_overflows_is_counted(unit_of_work: OpenUnitOfWork) -> None:
    await overflow(unit_of_work, "large", 3)
    async with unit_of_work() as work:
        await work.acceptance.add([a_new_request(tenant="large")])
        counts = await work.jobs.count_queued()

    assert counts == {place("large"): (4, 3)}


async def test_the_oldest_of_who_waits_behind_another_are_called_out(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await overflow(unit_of_work, "large", 5)
    await overflow(unit_of_work, "small", 4)

    assert await call_out(unit_of_work, large=3, small=3) == 3

    assert await overflowing(unit_of_work) == {"large": 5, "small": 1}


async def test_whoever_is_alone_or_first_is_served_there(unit_of_work: OpenUnitOfWork) -> None:
    await overflow(unit_of_work, "large", 5)

    assert await call_out(unit_of_work, large=3) == 0
    assert await call_out(unit_of_work, large=3, small=0) == 0


async def test_what_has_begun_is_not_called(unit_of_work: OpenUnitOfWork) -> None:
    first = await overflow(unit_of_work, "large", 2)
    begun, _waiting = await overflow(unit_of_work, "small", 2)
    for job_id, tenant in ((first[0], "large"), (begun, "small")):
        await changed(unit_of_work, a_job(id=job_id, tenant=tenant, status=Status.READY))

    assert await call_out(unit_of_work, large=0, small=9) == 1
    assert await call_out(unit_of_work, large=0, small=9) == 0


async def test_a_job_that_is_called_is_said_again_as_the_same_event_to_the_queue_itself(
    make_database: MakeDatabase,
) -> None:
    url = make_database("api")
    engine = create_engine(url, application="test")
    try:
        await overflow(lambda: ApiUnitOfWork(engine), "large", 1)
        [job_id] = await overflow(lambda: ApiUnitOfWork(engine), "small", 1)

        await call_out(lambda: ApiUnitOfWork(engine), large=0, small=1)
    finally:
        await engine.dispose()

    said = query(url, "SELECT * FROM outbox ORDER BY id")
    of_job = [row for row in said if str(job_id).encode() in bytes(row["body"])]
    assert [row["routing_key"] for row in of_job] == [
        "media.requested.card.interactive.overflow",
        "media.requested.card.interactive",
    ]
    assert len({row["message_id"] for row in of_job}) == 1
    assert {row["type"] for row in of_job} == {MediaRequested.type_name}
