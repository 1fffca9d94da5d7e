"""Whoever has its share waiting lets others pass, and its jobs keep their order all the same."""

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pytest

from services.api.errors import QuotaExceededError
from services.api.models import Job, Place, Status
from services.api.service import ApiServices
from services.api.service.backlog import QueueLimits
from services.api.service.command_reading import read_command
from shared.events import Lane, MediaRequested, encode
from shared.testing import FixedClock, a_media_request, an_event
from tests.unit.api.builders import CARD, a_job, a_submission
from tests.unit.api.fakes import FakeDatabase

SHARE = 3
REQUEST = {"generator": "card", "input": CARD}


@pytest.fixture
def limits() -> QueueLimits:
    return QueueLimits(share=SHARE)


async def ask(services: ApiServices, count: int, tenant: str = "default") -> list[Job]:
    asked = [services.requests.submit(a_submission(tenant=tenant)) for _ in range(count)]
    return [accepted.job for accepted in await asyncio.gather(*asked)]


def over(database: FakeDatabase) -> Counter[str]:
    """How many jobs of which tenant were told to wait in the overflow."""
    return Counter(database.tables.jobs[job_id].tenant for job_id in database.tables.overflow)


def end(database: FakeDatabase, jobs: list[Job]) -> None:
    for job in jobs:
        ended = a_job(id=job.id, tenant=job.tenant, status=Status.READY)
        database.tables.jobs[job.id] = ended


async def test_what_a_tenant_asks_for_beyond_its_share_overflows(
    services: ApiServices, database: FakeDatabase
) -> None:
    await ask(services, 10, "large")
    await ask(services, 2, "small")

    assert over(database) == {"large": 7}


async def test_each_generator_and_lane_has_shares_of_its_own(
    services: ApiServices, database: FakeDatabase
) -> None:
    await ask(services, SHARE)
    await services.requests.submit(a_submission(priority=Lane.BATCH))

    assert over(database) == {}


@pytest.mark.parametrize("limits", [QueueLimits()])
async def test_without_shares_nothing_overflows(
    services: ApiServices, database: FakeDatabase
) -> None:
    await ask(services, 10)

    assert over(database) == {}


async def test_what_was_accepted_elsewhere_counts_after_the_next_count(
    services: ApiServices, database: FakeDatabase
) -> None:
    database.tables.jobs.update((job.id, job) for job in [a_job() for _ in range(SHARE)])
    await services.fair_share.keep()

    await ask(services, 1)

    assert over(database) == {"default": 1}


async def test_a_tenant_whose_jobs_have_begun_has_room_again(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    jobs = await ask(services, SHARE)
    await services.fair_share.keep()
    end(database, jobs)
    clock.advance(timedelta(seconds=1))
    await services.fair_share.keep()

    await ask(services, SHARE)

    assert over(database) == {}


async def test_whoever_overflows_does_so_until_half_of_its_share_waits(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    jobs = await ask(services, 4)
    await services.fair_share.keep()
    end(database, jobs[:2])
    clock.advance(timedelta(seconds=1))
    await services.fair_share.keep()
    assert over(database) == {"default": 1}

    await ask(services, 1)
    assert over(database) == {"default": 2}

    end(database, jobs)
    for job_id in list(database.tables.overflow):
        end(database, [database.tables.jobs[job_id]])
    clock.advance(timedelta(seconds=1))
    await services.fair_share.keep()
    await ask(services, 1)
    assert len(database.tables.overflow) == 2


async def test_many_that_are_made_at_once_are_not_many_that_wait(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    for _ in range(6):
        end(database, await ask(services, SHARE))
        await services.fair_share.keep()
        clock.advance(timedelta(seconds=1))
    assert over(database) == {}

    for _ in range(SHARE):
        clock.advance(timedelta(seconds=0.5))
        end(database, await ask(services, 1))

    await ask(services, 1)
    assert over(database) == {}


async def test_what_could_not_be_written_takes_no_share(
    services: ApiServices, database: FakeDatabase
) -> None:
    await services.catalogue.renew()
    database.fail_with = [RuntimeError("away")] * SHARE
    for _ in range(SHARE):
        with pytest.raises(RuntimeError):
            await services.requests.submit(a_submission())

    await ask(services, SHARE)

    assert over(database) == {}


async def test_batches_commands_and_repetitions_have_the_same_share(
    services: ApiServices, database: FakeDatabase, client: httpx.AsyncClient
) -> None:
    failed = a_job(status=Status.FAILED)
    database.tables.jobs[failed.id] = failed
    await client.post("/v1/media/batch", json={"requests": [REQUEST] * (SHARE + 1)})
    assert over(database) == {"default": 1}

    await services.commands.handle(
        [read_command(encode(an_event(a_media_request(priority=Lane.INTERACTIVE))))]
    )
    assert over(database) == {"default": 2}

    assert (await client.post(f"/v1/media/{failed.id}/retry")).status_code == 202
    assert over(database) == {"default": 3}


async def test_nobody_waits_behind_the_overflow_of_another(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    await ask(services, 50, "large")
    mine = await ask(services, SHARE + 2, "small")
    await services.fair_share.keep()
    assert over(database) == {"large": 50 - SHARE, "small": 2}

    end(database, mine[:SHARE])
    clock.advance(timedelta(seconds=1))
    await services.fair_share.keep()

    assert over(database) == {"large": 50 - SHARE}
    said = [e for e in database.tables.outbox if isinstance(e.data, MediaRequested)]
    again = [e.data.job_id for e in said[50 + SHARE + 2 :] if isinstance(e.data, MediaRequested)]
    assert again == [job.id for job in mine[SHARE:]]
    assert {e.id for e in said[50 + SHARE + 2 :]} <= {e.id for e in said[: 50 + SHARE + 2]}


async def test_the_place_in_the_queue_is_by_turns(
    services: ApiServices, database: FakeDatabase
) -> None:
    async def positions(tenant: str, jobs: list[Job]) -> list[int | None]:
        return [(await services.queries.get(tenant, job.id)).queue_position for job in jobs]

    large = await ask(services, 20, "large")
    small = await ask(services, 3, "small")

    assert await positions("small", small) == [0, 2, 4]
    assert await positions("large", large[:5]) == [0, 2, 4, 6, 7]


async def test_a_place_far_back_is_not_counted_out(services: ApiServices) -> None:
    place = Place("large", "card", "interactive")

    assert services.backlog.ahead(place, 1000) == 1000
    assert services.backlog.ahead(place, 7) == 7


async def test_a_tenant_may_have_so_many_waiting_and_no_more(
    services: ApiServices, database: FakeDatabase
) -> None:
    await services.limits.change("small", {"queued_jobs": 2})
    await ask(services, 2, "small")
    await ask(services, 5, "large")

    with pytest.raises(QuotaExceededError) as refused:
        await services.requests.submit(a_submission(tenant="small"))

    assert refused.value.extra == {
        "quota": "queued_jobs",
        "limit": 2,
        "used": 2,
        "retry_after": 60,
    }
    assert services.backlog.waiting_of("small") == 2
    assert services.backlog.waiting_of("nobody") == 0
