"""Commands do what the HTTP calls do, and are answered by events."""

import json
from typing import Any

import pytest

from services.api.models import Status
from services.api.service import ApiServices
from services.api.service.command_reading import Command, read_command
from shared.clock import uuid7
from shared.events import (
    CloudEvent,
    MediaRejected,
    Message,
    UndecodableMessageError,
    UnknownTypeError,
    encode,
)
from shared.testing import a_media_cancel, a_media_ready, a_media_request, an_event
from tests.unit.api.builders import a_job
from tests.unit.api.fakes import FakeDatabase


def a_command(data: Message, **origin: Any) -> Command:
    return read_command(encode(an_event(data, **origin)))


def a_raw_command(data: Any, **changes: Any) -> bytes:
    body = json.loads(encode(an_event(a_media_request(), event_id="c-1")))
    return json.dumps({**body, **changes, "data": data}).encode()


def rejections(database: FakeDatabase) -> list[CloudEvent]:
    return [event for event in database.tables.outbox if isinstance(event.data, MediaRejected)]


async def test_a_command_becomes_a_job_of_the_senders_tenant(
    services: ApiServices, database: FakeDatabase
) -> None:
    await services.commands.handle([a_command(a_media_request(), event_id="c-1", tenant="acme")])

    [job] = database.tables.jobs.values()
    [event] = database.tables.outbox
    assert job.tenant == event.tenant == "acme"
    assert event.causationid == "c-1"
    assert event.correlationid == "c-1"


async def test_a_command_delivered_twice_is_one_job(
    services: ApiServices, database: FakeDatabase
) -> None:
    command = a_command(a_media_request(), event_id="c-1")

    await services.commands.handle([command, command])
    await services.commands.handle([command])

    assert len(database.tables.jobs) == 1
    assert len(database.tables.outbox) == 1


async def test_commands_with_the_same_idempotency_key_are_one_job(
    services: ApiServices, database: FakeDatabase
) -> None:
    data = a_media_request(idempotency_key="order-7")

    await services.commands.handle([a_command(data, event_id=f"c-{n}") for n in range(3)])

    assert len(database.tables.jobs) == 1


async def test_a_bad_command_is_rejected_and_harms_no_neighbour(
    services: ApiServices, database: FakeDatabase
) -> None:
    good = [a_command(a_media_request()) for _ in range(5)]
    bad = a_command(
        a_media_request(input={"colour": 1}), event_id="c-bad", correlationid="their-own"
    )

    await services.commands.handle([*good[:2], bad, *good[2:]])

    [rejected] = rejections(database)
    assert isinstance(rejected.data, MediaRejected)
    assert len(database.tables.jobs) == 5
    assert rejected.data.command_id == rejected.causationid == "c-bad"
    assert rejected.correlationid == "their-own"
    assert rejected.data.generator == "card"
    assert rejected.data.problem["status"] == 422
    pointers = {error["pointer"] for error in rejected.data.problem["errors"]}
    assert pointers == {"/input/title", "/input/colour"}


async def test_rejecting_again_is_recognisably_the_same_event(
    services: ApiServices, database: FakeDatabase
) -> None:
    bad = a_command(a_media_request(generator="crad"), event_id="c-1")

    await services.commands.handle([bad])
    await services.commands.handle([bad])

    assert len({event.id for event in rejections(database)}) == 1


@pytest.mark.parametrize(
    "data", [None, 5, {}, {"generator": "card"}, {"generator": "card", "input": {}, "colour": 1}]
)
async def test_a_readable_command_with_bad_data_is_answered_not_buried(
    services: ApiServices, database: FakeDatabase, data: Any
) -> None:
    await services.commands.handle([read_command(a_raw_command(data))])

    [rejected] = rejections(database)
    assert isinstance(rejected.data, MediaRejected)
    assert rejected.data.problem["code"] == "invalid_input"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"rubbish", UndecodableMessageError),
        (b"[]", UndecodableMessageError),
        (b'{"type":"darkroom.media.request.v1"}', UndecodableMessageError),
        (a_raw_command({}, type="darkroom.media.nonsense.v1"), UnknownTypeError),
        (encode(an_event(a_media_ready())), UnknownTypeError),
    ],
)
def test_what_is_no_command_cannot_be_read(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_command(body)


async def test_a_cancel_command_cancels(services: ApiServices, database: FakeDatabase) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job

    await services.commands.handle([a_command(a_media_cancel(job_id=job.id))])

    assert database.tables.jobs[job.id].status is Status.CANCELING


async def test_canceling_what_is_not_there_is_rejected(
    services: ApiServices, database: FakeDatabase
) -> None:
    job_id = uuid7()

    await services.commands.handle([a_command(a_media_cancel(job_id=job_id))])

    [rejected] = rejections(database)
    assert isinstance(rejected.data, MediaRejected)
    assert rejected.data.job_id == job_id
    assert rejected.data.problem["code"] == "not_found"


async def test_canceling_what_is_over_is_rejected_with_how_it_ended(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job(status=Status.READY)
    database.tables.jobs[job.id] = job

    await services.commands.handle([a_command(a_media_cancel(job_id=job.id))])

    [rejected] = rejections(database)
    assert isinstance(rejected.data, MediaRejected)
    assert rejected.data.problem["code"] == "already_final"
    assert rejected.data.problem["job_status"] == "ready"


async def test_canceling_twice_is_not_rejected(
    services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job

    for number in range(2):
        command = a_command(a_media_cancel(job_id=job.id), event_id=f"c-{number}")
        await services.commands.handle([command])

    assert rejections(database) == []
    assert len(database.tables.outbox) == 1


async def test_a_command_sets_limits_too(services: ApiServices, database: FakeDatabase) -> None:
    limited = a_media_request(attempt_timeout_seconds=5, total_timeout_seconds=60, max_attempts=1)

    await services.commands.handle([a_command(limited)])

    [job] = database.tables.jobs.values()
    assert (job.attempt_timeout_seconds, job.total_timeout_seconds, job.max_attempts) == (5, 60, 1)
