"""The service with everything real: requests in, media and events out."""

from pathlib import Path
from uuid import UUID

import pytest

from services.generator.app import GeneratorApp
from services.generator.settings import GeneratorSettings
from shared.clock import uuid7
from shared.events import (
    GeneratorAnnounced,
    Lane,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaProgressed,
    MediaRetrying,
)
from shared.messaging import dead_letters, topology
from shared.messaging.outgoing import Outgoing, outgoing
from shared.storage import from_url
from shared.testing import (
    a_media_cancel_requested,
    a_media_deadline_passed,
    a_media_ready,
    a_media_requested,
    an_event,
    eventually,
)
from tests.backends.databases import execute, query
from tests.integration.generator.harness import Client, ask, backlog, serving, told
from tests.integration.generator.steps import attempt_rows, job_row

DROP_CONNECTIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def settings(database_url: str, rabbitmq_url: str, tmp_path: Path) -> GeneratorSettings:
    return told(database_url, rabbitmq_url, tmp_path)


async def test_a_request_becomes_an_asset_in_the_store(
    app: GeneratorApp, client: Client, settings: GeneratorSettings
) -> None:
    job_id = await client.request("noop", input={"payload": "hello"}, metadata={"order": 7})

    made = await client.outcome(job_id)

    assert isinstance(made, MediaGenerated)
    assert made.metadata == {"order": 7}
    [asset] = made.assets
    assert (asset.media_type, asset.size, asset.filename) == ("text/plain", 5, "ok.txt")
    chunks = from_url(settings.store_url).stream(asset.sha256)
    assert b"".join([chunk async for chunk in chunks]) == b"hello"


async def test_the_tenant_and_the_trace_of_the_request_are_handed_on(
    app: GeneratorApp, client: Client
) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    request = an_event(
        a_media_requested(generator="noop", input={}),
        tenant="acme",
        correlationid="corr",
        traceparent=trace,
    )
    await client.publish(outgoing(request))

    await client.outcome(UUID(request.subject))

    [event] = client.of(UUID(request.subject))[-1:]
    assert (event.tenant, event.correlationid, event.traceparent) == ("acme", "corr", trace)
    assert event.causationid == request.id


async def test_a_redelivered_message_generates_once(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    request = a_media_requested(generator="noop", input={})
    await client.tell(*[request] * 5)
    await client.outcome(request.job_id)
    await client.tell(*[request] * 5)

    await client.outcome(await client.request("noop"))

    assert client.course(request.job_id) == ["generated"]
    assert len(attempt_rows(database_url, request.job_id)) == 1


async def test_with_half_of_all_attempts_failing_every_job_ends_generated(
    app: GeneratorApp, client: Client
) -> None:
    jobs = await client.request_many(30, "flaky", input={"transient_rate": 0.5})

    outcomes = [await client.outcome(job_id, timeout=60) for job_id in jobs]

    assert all(isinstance(outcome, MediaGenerated) for outcome in outcomes)
    retries = sum(client.course(job_id).count("retrying") for job_id in jobs)
    assert 10 <= retries <= 60


async def test_a_child_that_is_killed_is_an_attempt_and_the_next_succeeds(
    app: GeneratorApp, client: Client
) -> None:
    job_id = await client.request("flaky", input={"crash": True, "only_first": 1})

    made = await client.outcome(job_id)

    assert isinstance(made, MediaGenerated)
    assert made.attempt.number == 2
    [retrying] = [e.data for e in client.of(job_id) if isinstance(e.data, MediaRetrying)]
    assert retrying.failure.code == "child_died"
    assert "signal 9" in retrying.failure.message


async def test_a_permanent_failure_is_told_in_words_after_one_attempt(
    app: GeneratorApp, client: Client
) -> None:
    job_id = await client.request("flaky", input={"permanent_rate": 1, "message": "No ink."})

    failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert (failed.failure.message, failed.failure.retryable) == ("No ink.", False)
    assert failed.number == 1


async def test_attempts_end_at_their_limit(app: GeneratorApp, client: Client) -> None:
    job_id = await client.request("flaky", input={"transient_rate": 1}, max_attempts=3)

    failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert failed.number == 3
    assert client.course(job_id) == ["retrying", "retrying", "generation_failed"]


async def test_an_input_that_does_not_fit_fails_with_the_name_of_the_field(
    app: GeneratorApp, client: Client
) -> None:
    job_id = await client.request("noop", input={"colour": "red"})

    failed = await client.outcome(job_id)

    assert isinstance(failed, MediaGenerationFailed)
    assert failed.failure.code == "invalid_input"
    assert "colour" in failed.failure.message


async def test_a_long_attempt_is_announced_and_reports_its_progress(
    app: GeneratorApp, client: Client
) -> None:
    job_id = await client.request("flaky", input={"delay_seconds": 0.8})

    await client.outcome(job_id)

    assert "started" in client.kinds(job_id)
    progress = [e.data for e in client.of(job_id) if isinstance(e.data, MediaProgressed)]
    assert 1 <= len(progress) <= 5
    assert all(data.percent is not None and data.message for data in progress)


async def test_a_running_job_is_canceled_within_moments(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    job_id = await client.request("flaky", input={"hang": True})
    await client.hears("started", job_id)

    await client.tell(a_media_cancel_requested(job_id=job_id, generator="flaky"))

    canceled = await client.outcome(job_id, timeout=4)
    assert isinstance(canceled, MediaGenerationCanceled)
    assert attempt_rows(database_url, job_id)[0]["outcome"] == "canceled"


async def test_a_request_that_was_canceled_before_it_came_is_never_started(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    request = a_media_requested(generator="noop", input={})
    await client.tell(a_media_cancel_requested(job_id=request.job_id, generator="noop"))
    await client.outcome(request.job_id)

    await client.tell(request)
    await client.outcome(await client.request("noop"))

    assert client.course(request.job_id) == ["generation_canceled"]
    assert attempt_rows(database_url, request.job_id) == []


async def test_a_deadline_closes_what_has_not_begun(app: GeneratorApp, client: Client) -> None:
    job_id = uuid7()

    await client.tell(a_media_deadline_passed(job_id=job_id, generator="noop"))

    closed = await client.outcome(job_id)
    assert isinstance(closed, MediaGenerationCanceled)
    assert closed.reason == "deadline_passed"


async def test_rubbish_is_dead_lettered_and_its_neighbours_are_made(
    app: GeneratorApp, client: Client
) -> None:
    queue = topology.work_queue("noop", Lane.INTERACTIVE).name
    elsewhere = outgoing(an_event(a_media_ready()))
    rubbish = [b"not json", b"{}", elsewhere.body]
    first = await client.request("noop")
    for number, body in enumerate(rubbish):
        await client.publish(Outgoing("", queue, body, f"rubbish-{number}", "rubbish"))
    second = await client.request("noop")

    assert isinstance(await client.outcome(first), MediaGenerated)
    assert isinstance(await client.outcome(second), MediaGenerated)
    await eventually(lambda: _must_be(len(client.dead), 3))
    codes = {str(letter.headers[dead_letters.ERROR_CODE]) for letter in client.dead}
    assert codes == {"undecodable_message", "unexpected_message"}


async def test_generators_are_announced_with_schema_and_example(
    app: GeneratorApp, client: Client
) -> None:
    def announced() -> dict[str, GeneratorAnnounced]:
        heard = [e.data for e in client.heard if isinstance(e.data, GeneratorAnnounced)]
        assert {data.name for data in heard} == {"flaky", "noop"}
        return {data.name: data for data in heard}

    by_name = await eventually(announced)

    assert by_name["noop"].example == {"payload": "ok"}
    assert by_name["flaky"].input_schema["additionalProperties"] is False


async def test_the_backlog_beyond_the_window_stays_in_the_broker(
    database_url: str, rabbitmq_url: str, tmp_path: Path, client: Client
) -> None:
    settings = told(database_url, rabbitmq_url, tmp_path, window=4, slots=1)
    queue = topology.work_queue("flaky", Lane.BATCH).name
    async with serving(settings):
        jobs = await client.request_many(40, "flaky", input={"delay_seconds": 0.3}, lane=Lane.BATCH)
        await client.outcome(jobs[0])

        assert await backlog(rabbitmq_url, queue) >= 25
        await eventually(lambda: client.outcome(jobs[-1], timeout=0.1), timeout=90)

    assert await backlog(rabbitmq_url, queue) == 0


async def test_a_database_that_drops_every_connection_loses_and_doubles_nothing(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    jobs = await client.request_many(60, "flaky", input={"delay_seconds": 0.05})
    for _ in range(4):
        await client.outcome(jobs[0])
        execute(database_url, DROP_CONNECTIONS)
        jobs.append(await client.request("noop"))

    outcomes = [await client.outcome(job_id, timeout=90) for job_id in jobs]

    assert all(isinstance(outcome, MediaGenerated) for outcome in outcomes)
    ends = query(database_url, "SELECT count(*) FROM asset")
    assert ends == [{"count": len(jobs)}]


async def test_metrics_count_what_was_done(app: GeneratorApp, client: Client) -> None:
    await client.outcome(await client.request("noop"))

    text = (await ask(app, "/metrics")).text

    assert 'darkroom_attempts_total{generator="noop",outcome="succeeded"} 1.0' in text
    assert "darkroom_queue_wait_seconds_bucket" in text
    assert "darkroom_open_jobs" in text


async def test_a_finished_job_is_recorded_as_such(
    app: GeneratorApp, client: Client, database_url: str
) -> None:
    job_id = await client.request("noop", lane=Lane.BATCH)

    await client.outcome(job_id)

    row = job_row(database_url, job_id)
    assert (row["status"], row["lane"], row["lease_until"]) == ("generated", "batch", None)


def _must_be(value: object, wanted: object) -> None:
    assert value == wanted
