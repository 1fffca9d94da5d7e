"""Accepting requests: durable, idempotent, together."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import (
    IdempotencyKeyInFlightError,
    IdempotencyKeyReusedError,
    UnknownGeneratorError,
)
from services.api.models import Status
from services.api.service import ApiServices
from services.api.service.drafting import KEYS_LAST
from shared.errors import InvalidInputError, RetryableError
from shared.events import MediaRequested
from shared.testing import FixedClock
from tests.unit.api.builders import a_submission
from tests.unit.api.fakes import FakeDatabase


async def test_an_accepted_request_is_a_job_a_line_in_the_log_and_a_message(
    services: ApiServices, database: FakeDatabase
) -> None:
    accepted = await services.requests.submit(a_submission(metadata={"order": 7}))

    job = database.tables.jobs[accepted.job.id]
    [event] = database.tables.outbox
    assert job.status is Status.QUEUED
    assert isinstance(event.data, MediaRequested)
    assert event.data.job_id == job.id
    assert event.data.metadata == {"order": 7}
    assert event.correlationid == job.correlation_id == str(job.id)
    assert list(database.tables.log) == [event.id]


async def test_requests_that_come_together_are_committed_together(
    services: ApiServices, database: FakeDatabase
) -> None:
    await services.catalogue.renew()
    before = database.commits

    await asyncio.gather(*(services.requests.submit(a_submission()) for _ in range(100)))

    assert len(database.tables.jobs) == 100
    assert database.commits == before + 1


async def test_a_deadline_is_a_moment(services: ApiServices, clock: FixedClock) -> None:
    accepted = await services.requests.submit(a_submission(deadline_seconds=90, expires_in=3600))

    assert accepted.job.deadline_at == clock.now() + timedelta(seconds=90)
    assert accepted.job.expires_in == 3600


async def test_an_unknown_generator_is_refused_with_those_there_are(
    services: ApiServices,
) -> None:
    with pytest.raises(UnknownGeneratorError) as caught:
        await services.requests.submit(a_submission(generator="crad"))

    assert caught.value.extra == {"available": ["card"]}


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ({"input": {"title": 5}}, "/input/title"),
        ({"input": {"title": "\x00"}}, "/input/title"),
        ({"metadata": {"a": "x" * 17_000}}, "/metadata"),
        ({"metadata": {"a": "\x00"}}, "/metadata/a"),
        ({"webhook": {"url": "ftp://a.example"}}, "/webhook/url"),
        ({"webhook": {"url": "https://[::"}}, "/webhook/url"),
        ({"webhook": {"url": "https://a.example/\x00"}}, "/webhook/url"),
        ({"expires_in": 2**40}, "/expires_in"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_written(
    services: ApiServices, database: FakeDatabase, spec: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await services.requests.submit(a_submission(**spec))

    assert pointer in {error.pointer for error in caught.value.errors}
    assert database.tables.jobs == {}


async def test_the_same_key_and_request_get_the_first_answer_again(
    services: ApiServices, database: FakeDatabase
) -> None:
    first = await services.requests.submit(a_submission("http:k"))
    again = await services.requests.submit(a_submission("http:k"))

    assert again.replayed
    assert again.job == first.job
    assert len(database.tables.jobs) == 1


async def test_the_same_key_in_one_batch_is_one_job(
    services: ApiServices, database: FakeDatabase
) -> None:
    answers = await asyncio.gather(
        *(services.requests.submit(a_submission("command:k")) for _ in range(5))
    )

    assert len({answer.job.id for answer in answers}) == 1
    assert [answer.replayed for answer in answers] == [False, True, True, True, True]
    assert len(database.tables.outbox) == 1


async def test_the_same_key_for_another_request_is_refused(services: ApiServices) -> None:
    await services.requests.submit(a_submission("http:k"))

    with pytest.raises(IdempotencyKeyReusedError):
        await services.requests.submit(a_submission("http:k", input={"title": "Other"}))


async def test_a_key_belongs_to_its_tenant(services: ApiServices, database: FakeDatabase) -> None:
    await services.requests.submit(a_submission("http:k"))
    await services.requests.submit(a_submission("http:k", tenant="acme", input={"title": "Other"}))

    assert len(database.tables.jobs) == 2


async def test_a_key_that_is_being_accepted_is_in_flight(services: ApiServices) -> None:
    first = asyncio.create_task(services.requests.submit_exclusively(a_submission("http:k")))
    await asyncio.sleep(0)

    with pytest.raises(IdempotencyKeyInFlightError):
        await services.requests.submit_exclusively(a_submission("http:k"))
    assert not (await first).replayed
    assert (await services.requests.submit_exclusively(a_submission("http:k"))).replayed


async def test_a_key_is_free_again_after_a_day(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    await services.requests.submit(a_submission("http:k"))
    clock.advance(KEYS_LAST)

    later = await services.requests.submit(a_submission("http:k", input={"title": "Other"}))
    assert not later.replayed

    clock.advance(KEYS_LAST)
    await services.requests.forget_expired_keys()
    assert database.tables.keys == {}


async def test_a_database_that_is_away_is_told_to_whoever_waits(
    services: ApiServices, database: FakeDatabase
) -> None:
    await services.catalogue.renew()
    database.fail_with = [RetryableError("away")]

    with pytest.raises(RetryableError):
        await services.requests.submit_exclusively(a_submission("http:k"))

    assert not (await services.requests.submit_exclusively(a_submission("http:k"))).replayed


async def test_accepted_requests_are_counted(
    services: ApiServices, registry: CollectorRegistry
) -> None:
    await services.requests.submit(a_submission("http:k"))
    await services.requests.submit(a_submission("http:k"))

    name = "darkroom_media_requests_accepted_total"
    assert registry.get_sample_value(name, {"generator": "card"}) == 1
