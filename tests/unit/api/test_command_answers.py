"""Whoever names a queue is answered there: once for each command, always the same."""

import pytest
from prometheus_client import CollectorRegistry

from services.api.metrics import AccessMetrics
from services.api.models import Status
from services.api.service import ApiServices
from services.api.service.command_reading import Sender, read_command
from services.api.service.commands import CommandService
from services.api.service.senders import Senders
from shared.errors import PermanentError
from shared.events import (
    MediaAccepted,
    MediaRejected,
    Message,
    UndecodableMessageError,
    decode,
    encode,
)
from shared.testing import FixedClock, a_media_cancel, a_media_request, an_event
from tests.unit.api.builders import a_job
from tests.unit.api.commanding import (
    ADDRESS,
    RecordingAnswers,
    a_command,
    answers,
    make_commands,
    told,
)
from tests.unit.api.fakes import FakeDatabase


@pytest.fixture
def direct() -> RecordingAnswers:
    return RecordingAnswers()


@pytest.fixture
def commands(
    services: ApiServices, database: FakeDatabase, direct: RecordingAnswers, clock: FixedClock
) -> CommandService:
    return make_commands(
        services, database, direct, clock, Senders(None, AccessMetrics(CollectorRegistry()))
    )


async def test_an_accepted_request_is_answered_with_the_job(
    commands: CommandService, database: FakeDatabase
) -> None:
    await commands.handle([a_command(a_media_request(metadata={"order": 7}))])

    [job] = database.tables.jobs.values()
    [message] = database.tables.answers
    [event] = answers(database)
    assert (message.exchange, message.routing_key) == ("", "shop.answers")
    assert message.correlation_id == "question-7"
    assert isinstance(event.data, MediaAccepted)
    assert (event.data.command_id, event.data.job_id) == ("c-1", job.id)
    assert (event.causationid, event.correlationid) == ("c-1", "c-1")
    assert event.data.job["status"] == "queued"
    assert event.data.job["metadata"] == {"order": 7}
    assert event.data.job["urls"]["self"] == f"/v1/media/{job.id}"


async def test_the_answer_is_written_in_the_transaction_that_makes_the_job(
    commands: CommandService, database: FakeDatabase
) -> None:
    await commands.handle([a_command(a_media_request())])
    before = database.commits

    await commands.handle([a_command(a_media_request(), event_id="c-2")])

    assert (database.commits - before, len(answers(database))) == (1, 2)


async def test_nobody_is_answered_who_does_not_ask_for_it(
    commands: CommandService, database: FakeDatabase
) -> None:
    good = a_command(a_media_request(), reply_to=None)
    bad = a_command(a_media_request(generator="crad"), reply_to="", event_id="c-2")

    await commands.handle([good, bad])

    assert database.tables.answers == []
    assert len(told(database)) == 1


async def test_the_same_command_twice_is_one_job_and_the_same_answer_twice(
    commands: CommandService, database: FakeDatabase
) -> None:
    command = a_command(a_media_request())

    await commands.handle([command, command])
    await commands.handle([command])

    first, *others = answers(database)
    assert len(database.tables.jobs) == 1
    assert others == [first, first]


async def test_two_commands_with_one_key_have_one_job_and_an_answer_each(
    commands: CommandService, database: FakeDatabase
) -> None:
    wanted = a_media_request(idempotency_key="order-7")

    await commands.handle([a_command(wanted, event_id=f"c-{n}") for n in range(2)])

    jobs = {
        event.data.job_id for event in answers(database) if isinstance(event.data, MediaAccepted)
    }
    assert len(jobs) == len(database.tables.jobs) == 1
    assert len({event.id for event in answers(database)}) == 2


async def test_a_refusal_is_told_to_everybody_and_answered_by_the_same_event(
    commands: CommandService, database: FakeDatabase
) -> None:
    await commands.handle([a_command(a_media_request(input={"colour": 1}))])

    assert answers(database) == told(database)
    [refused] = answers(database)
    assert isinstance(refused.data, MediaRejected)
    assert refused.data.problem["code"] == "invalid_input"


async def test_a_cancel_is_answered_with_the_job(
    commands: CommandService, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job

    await commands.handle([a_command(a_media_cancel(job_id=job.id))])

    [event] = answers(database)
    assert isinstance(event.data, MediaAccepted)
    assert event.data.command_type == "darkroom.media.cancel.v1"
    assert event.data.job["status"] == "canceling"
    assert database.commits == 1


async def test_a_cancel_that_comes_again_after_the_end_is_not_refused(
    commands: CommandService, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    first, second, late = (
        a_command(a_media_cancel(job_id=job.id), event_id=f"c-{number}") for number in (1, 2, 3)
    )
    await commands.handle([first])
    await commands.handle([second])
    database.tables.jobs[job.id] = a_job(id=job.id, status=Status.READY)

    for command in (first, second, late, late):
        await commands.handle([command])

    said = answers(database)
    assert [event.id for event in said[:2]] == [event.id for event in said[2:4]]
    for event in said[2:4]:
        assert isinstance(event.data, MediaAccepted)
        assert event.data.job["status"] == "ready"
    for event in said[4:]:
        assert isinstance(event.data, MediaRejected)
        assert event.data.problem["code"] == "already_final"


@pytest.mark.parametrize(
    "queue",
    [
        "api.commands",
        "api.progress",
        "generator.control",
        "generator.card.interactive",
        "notifier.outcomes",
        "dead-letters",
        "dead-letters.overflow",
        "live.api.7",
        "amq.rabbitmq.trace",
        "amq.rabbitmq.reply-to",
        "amq.rabbitmq.reply-to.garbage.key",
        "amq.rabbitmq.reply-to.aGVsbG8=.a2V5",
        "amq.rabbitmq.reply-to.a.a",
        "a\x00b",
        "a\nb",
    ],
)
async def test_nobody_is_answered_in_a_queue_that_is_not_theirs(
    commands: CommandService, database: FakeDatabase, direct: RecordingAnswers, queue: str
) -> None:
    await commands.handle([a_command(a_media_request(), reply_to=queue)])

    assert database.tables.jobs == {}
    assert database.tables.answers == direct.sent == []
    [refused] = told(database)
    assert isinstance(refused.data, MediaRejected)
    assert refused.data.problem["errors"][0]["pointer"] == "/properties/reply_to"


@pytest.mark.parametrize(
    "queue", ["amq.gen-JzTY20BRgKO-HjmUJj0wLg", "api-answers", "shop.dead-letters"]
)
async def test_queues_of_others_may_be_called_what_they_like(
    commands: CommandService, database: FakeDatabase, queue: str
) -> None:
    await commands.handle([a_command(a_media_request(), reply_to=queue)])

    [message] = database.tables.answers
    assert message.routing_key == queue


async def test_a_direct_reply_is_sent_from_memory_once_all_is_committed(
    commands: CommandService, database: FakeDatabase, direct: RecordingAnswers
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    sent = [
        a_command(a_media_request(), ADDRESS),
        a_command(a_media_cancel(job_id=job.id), ADDRESS, event_id="c-2"),
        a_command(a_media_request(generator="crad"), ADDRESS, event_id="c-3"),
    ]

    await commands.handle(sent)

    assert database.tables.answers == []
    assert [type(decode(one.body).data) for one in direct.sent] == [
        MediaAccepted,
        MediaAccepted,
        MediaRejected,
    ]
    assert {one.routing_key for one in direct.sent} == {ADDRESS}


async def test_an_unspeakable_correlation_is_replaced_by_that_of_the_event(
    commands: CommandService, database: FakeDatabase
) -> None:
    body = encode(an_event(a_media_request(), event_id="c-1"))

    await commands.handle([read_command(body, Sender(None, "shop.answers", "a\x00b"))])

    [message] = database.tables.answers
    assert message.correlation_id == "c-1"


async def test_whoever_sends_rubbish_is_told(
    commands: CommandService, direct: RecordingAnswers
) -> None:
    problem = UndecodableMessageError("time: Field required")

    commands.answer_unreadable(b"{}", Sender(None, "shop.answers", "q"), problem)
    commands.answer_unreadable(b"{}", Sender(None, "api.commands", "q"), problem)
    commands.answer_unreadable(b"{}", Sender(None, None, "q"), problem)

    [message] = direct.sent
    event = decode(message.body)
    assert isinstance(event.data, MediaRejected)
    assert message.correlation_id == "q"
    assert event.data.problem["detail"] == "time: Field required"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("correlationid", "é" * 200),
        ("correlationid", "a\x00b"),
        ("id", "a\x00b"),
        ("source", "a\x00"),
    ],
)
def test_an_envelope_that_cannot_be_said_again_is_not_read(field: str, value: str) -> None:
    event = an_event(a_media_request(), event_id="c-1").model_copy(update={field: value})

    with pytest.raises(UndecodableMessageError, match=field):
        read_command(encode(event))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (a_media_request(input={"title": "x" * 1_100_000}), "body_too_large"),
        (a_media_request(idempotency_key="a\x00b"), "invalid_input"),
    ],
)
def test_what_http_would_not_take_is_not_taken_here(data: Message, code: str) -> None:
    problem = a_command(data).problem

    assert isinstance(problem, PermanentError)
    assert problem.code == code


async def test_a_very_long_name_of_a_command_is_kept_as_its_hash(
    commands: CommandService, database: FakeDatabase
) -> None:
    source = "/" + "é" * 2000
    await commands.handle([a_command(a_media_request(), source=source)])
    await commands.handle([a_command(a_media_request(), source=source)])

    [(_, name)] = database.tables.keys
    assert len(name) < 100
