"""A full queue refuses what is new, and says when to come again; what was accepted stays so."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import QueueFullError
from services.api.metrics import ApiMetrics
from services.api.models import Job, Status
from services.api.routes.schemas import BatchOut
from services.api.service import ApiServices
from services.api.service.backlog import Backlog, QueueLimits
from services.api.service.command_reading import read_command
from shared.errors import RetryableError
from shared.events import MediaRejected, encode
from shared.testing import FixedClock, a_media_request, an_event
from tests.unit.api.builders import CARD, a_job, a_submission, an_announced_generator
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem

REQUEST = {"generator": "card", "input": CARD}


@pytest.fixture
def limits() -> QueueLimits:
    return QueueLimits(total=5, per_generator=3)


@pytest.fixture
def art(database: FakeDatabase) -> None:
    database.tables.generators["art"] = an_announced_generator(name="art")


def end(database: FakeDatabase, count: int) -> None:
    """So many of the waiting jobs are made."""
    waiting = [job for job in database.tables.jobs.values() if job.status is Status.QUEUED]
    for job in waiting[:count]:
        database.tables.jobs[job.id] = a_job(id=job.id, status=Status.READY)


async def wait_for_three(services: ApiServices) -> list[Job]:
    return [(await services.requests.submit(a_submission())).job for _ in range(3)]


async def refusal(services: ApiServices, generator: str = "card") -> QueueFullError:
    with pytest.raises(QueueFullError) as caught:
        await services.requests.submit(a_submission(generator=generator))
    return caught.value


async def test_more_than_the_limit_is_refused_and_says_which(
    services: ApiServices, database: FakeDatabase
) -> None:
    await wait_for_three(services)

    refused = await refusal(services)

    assert refused.status == 429
    assert refused.extra | {"retry_after": 0} == {
        "limit": 3,
        "queued": 3,
        "generator": "card",
        "retry_after": 0,
    }
    assert len(database.tables.jobs) == 3


@pytest.mark.usefixtures("art")
async def test_one_generators_queue_is_not_anothers_but_all_have_a_limit_too(
    services: ApiServices,
) -> None:
    await wait_for_three(services)
    for _ in range(2):
        await services.requests.submit(a_submission(generator="art"))

    refused = await refusal(services, "art")

    assert (refused.extra["generator"], refused.extra["limit"]) == (None, 5)


async def test_those_that_come_at_once_do_not_slip_through_together(
    services: ApiServices, database: FakeDatabase
) -> None:
    outcomes = await asyncio.gather(
        *(services.requests.submit(a_submission()) for _ in range(20)), return_exceptions=True
    )

    assert sum(isinstance(one, QueueFullError) for one in outcomes) == 17
    assert len(database.tables.jobs) == 3


async def test_what_others_accepted_is_known_after_the_next_count(
    services: ApiServices, database: FakeDatabase
) -> None:
    jobs = [a_job() for _ in range(3)]
    database.tables.jobs.update((job.id, job) for job in jobs)

    await services.backlog.count()

    await refusal(services)


async def test_places_are_free_again_when_jobs_have_ended(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    await wait_for_three(services)
    await services.backlog.count()
    end(database, 1)
    clock.advance(timedelta(seconds=1))
    await services.backlog.count()

    await services.requests.submit(a_submission())

    await refusal(services)


async def test_what_could_not_be_written_takes_no_place(
    services: ApiServices, database: FakeDatabase
) -> None:
    await services.catalogue.renew()
    database.fail_with = [RetryableError("away")] * 5
    for _ in range(5):
        with pytest.raises(RetryableError):
            await services.requests.submit(a_submission())

    assert len(await wait_for_three(services)) == 3


async def test_a_request_that_was_accepted_is_answered_again_however_full_it_is(
    services: ApiServices,
) -> None:
    first = await services.requests.submit(a_submission("http:k"))
    for key in ("http:l", "http:m", "http:m"):
        await services.requests.submit(a_submission(key))

    again = await services.requests.submit(a_submission("http:k"))

    assert again.replayed
    assert again.job.id == first.job.id
    with pytest.raises(QueueFullError):
        await services.requests.submit(a_submission("http:new"))


async def test_whoever_is_refused_is_told_when_there_will_be_a_place(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    async def seconds() -> float:
        answer = (await refusal(services)).retry_after
        assert answer is not None
        return answer.total_seconds()

    await wait_for_three(services)
    assert await seconds() == 60

    await services.backlog.count()
    end(database, 2)
    clock.advance(timedelta(seconds=10))
    await services.backlog.count()
    for _ in range(2):
        await services.requests.submit(a_submission())

    assert [await seconds() for _ in range(3)] == [10, 20, 30]


async def test_a_count_that_takes_long_is_not_repeated_at_once(database: FakeDatabase) -> None:
    class TickingClock(FixedClock):
        def now(self) -> datetime:
            return self.advance(timedelta(seconds=1))

    metrics = ApiMetrics(CollectorRegistry())
    backlog = Backlog(database.unit_of_work, TickingClock(), metrics, QueueLimits())

    for _ in range(30):
        await backlog.count()

    assert database.commits == 2


async def test_over_http_it_is_429_with_retry_after(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await client.post("/v1/media", json=REQUEST)

    response = await client.post("/v1/media", json=REQUEST)

    found = problem(response, 429, "queue_full")
    assert response.headers["retry-after"] == "60"
    assert "3 may" in found.detail


async def test_in_a_batch_each_is_answered_in_its_place(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/media/batch", json={"requests": [REQUEST] * 5})

    answers = BatchOut.model_validate_json(response.content).answers
    assert [answer.status for answer in answers] == [202, 202, 202, 429, 429]
    assert response.json()["answers"][4]["problem"]["retry_after"] == 60


async def test_a_command_is_rejected_and_not_tried_again_and_again(
    services: ApiServices, database: FakeDatabase
) -> None:
    commands = [
        read_command(encode(an_event(a_media_request(), event_id=f"c-{n}"))) for n in range(4)
    ]

    await services.commands.handle(commands)
    await services.commands.handle(commands[:3])

    [rejected] = [e.data for e in database.tables.outbox if isinstance(e.data, MediaRejected)]
    assert rejected.problem["code"] == "queue_full"
    assert len(database.tables.jobs) == 3


async def test_what_waits_and_what_is_refused_is_counted(
    services: ApiServices, registry: CollectorRegistry
) -> None:
    await wait_for_three(services)
    await refusal(services)
    await services.backlog.count()

    labels = {"generator": "card"}
    assert registry.get_sample_value("darkroom_media_requests_queued", labels) == 3
    assert registry.get_sample_value("darkroom_media_requests_refused_total", labels) == 1
