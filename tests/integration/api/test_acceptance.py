"""Accepting on Postgres: together, once, and safe between processes."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from services.api.service import ApiServices, make_services
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.database.engine import create_engine
from shared.storage import in_memory
from shared.testing import MOMENT, RecordingPublisher
from tests.backends.databases import query
from tests.conftest import MakeDatabase
from tests.unit.api.builders import a_new_request, a_submission, an_announced_generator


async def an_api(unit_of_work: OpenUnitOfWork) -> ApiServices:
    """A process of the api, as far as the database sees it."""
    async with unit_of_work() as work:
        await work.generators.add([an_announced_generator()])
    services = make_services(
        unit_of_work,
        in_memory(),
        RecordingPublisher(),
        clock=SystemClock(),
        new_id=uuid7,
        registry=CollectorRegistry(),
    )
    services.requests.start()
    return services


async def test_the_same_keys_in_several_processes_are_accepted_once(
    postgres: OpenUnitOfWork,
) -> None:
    apis = [await an_api(postgres) for _ in range(4)]

    answers = await asyncio.gather(
        *(
            api.requests.submit(a_submission(f"command:{number}"))
            for api in apis
            for number in range(50)
        )
    )

    assert len({answer.job.id for answer in answers}) == 50
    assert sum(not answer.replayed for answer in answers) == 50
    for api in apis:
        await api.requests.stop()


async def test_a_thousand_requests_are_one_statement(postgres: OpenUnitOfWork) -> None:
    requests = [a_new_request(f"k-{number}", "print") for number in range(1000)]

    async with postgres() as work:
        written = await work.acceptance.add(requests)

    assert len(written) == 1000


@pytest.mark.parametrize("key", [None, "k"])
async def test_jobs_are_written_as_they_are_whatever_they_have_in_common(
    postgres: OpenUnitOfWork, key: str | None
) -> None:
    other = a_new_request(
        tenant="other",
        generator="chart",
        lane="batch",
        metadata={"order": 7},
        webhook={"url": "https://example.org"},
        max_attempts=2,
        attempt_timeout_seconds=3,
        total_timeout_seconds=4,
        deadline_at=MOMENT,
        expires_in=5,
        retried_from=uuid7(),
    )
    alike = [a_new_request(key), a_new_request()]
    for batch in (alike, [a_new_request(key and "another"), other]):
        async with postgres() as work:
            await work.acceptance.add(batch)
            found = await work.projection.lock([one.job.id for one in batch])

        assert [found[one.job.id] for one in batch] == [one.job for one in batch]


async def test_the_log_holds_what_the_outbox_says(make_database: MakeDatabase) -> None:
    url = make_database("api")
    engine = create_engine(url, application="test")
    async with ApiUnitOfWork(engine) as work:
        await work.acceptance.add([a_new_request(input={"title": "Ünïcödé"}) for _ in range(3)])
    await engine.dispose()

    same = query(
        url,
        "SELECT count(*) FROM outbox JOIN job_event ON event_id = message_id JOIN job ON "
        "job.id = job_id WHERE convert_from(outbox.body, 'UTF8') = job_event.body "
        "AND job_event.body::jsonb->'data'->'input' = job.input AND transaction_id > 0",
    )
    assert same[0]["count"] == 3


async def test_two_batches_with_the_same_keys_in_other_orders_do_not_wait_for_each_other(
    postgres: OpenUnitOfWork,
) -> None:
    async def accept(keys: list[int]) -> int:
        async with postgres() as work:
            return len(await work.acceptance.add([a_new_request(f"k-{key}") for key in keys]))

    for round_ in range(10):
        keys = list(range(round_ * 100, round_ * 100 + 100))
        counts = await asyncio.gather(accept(keys), accept(keys[::-1]), accept(keys))
        assert sorted(counts) == [0, 0, 100]
