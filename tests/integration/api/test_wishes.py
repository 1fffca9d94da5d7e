"""What people want of jobs and generators, on its way over the broker."""

import httpx
import pytest

from shared.clock import SystemClock
from shared.events import (
    Action,
    ControlGenerators,
    Deadline,
    MediaCancelRequested,
    MediaDeadlinePassed,
    MediaRejected,
    MediaRequested,
)
from shared.messaging import topology
from shared.testing import (
    a_generator_announced,
    a_media_cancel,
    a_media_canceled,
    a_media_failed,
    eventually,
)
from tests.integration.api.looking import status_is
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.builders import CARD

REQUEST = {"generator": "card", "input": CARD}


@pytest.mark.usefixtures("cards")
async def test_canceling_is_said_once_and_the_notifier_has_the_last_word(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    job_id = (await client.post("/v1/media", json=REQUEST)).json()["id"]

    first = await client.post(f"/v1/media/{job_id}/cancel")
    second = await client.post(f"/v1/media/{job_id}/cancel")
    [event] = await neighbours.taken(topology.GENERATOR_CONTROL)
    [heard] = await neighbours.taken(topology.NOTIFIER_OUTCOMES)

    assert [answer.status_code for answer in (first, second)] == [202, 202]
    assert isinstance(event.data, MediaCancelRequested)
    assert heard == event
    await neighbours.say(a_media_canceled(job_id=job_id))
    await status_is(client, job_id, "canceled")
    assert (await client.post(f"/v1/media/{job_id}/cancel")).status_code == 200


@pytest.mark.usefixtures("app")
async def test_a_cancel_command_that_cannot_be_done_is_answered(neighbours: Neighbours) -> None:
    answers = await neighbours.listen("media.rejected.#")

    await neighbours.say(command := a_media_cancel())

    [rejected] = await neighbours.taken(answers)
    assert isinstance(rejected.data, MediaRejected)
    assert rejected.data.job_id == command.job_id
    assert rejected.data.problem["code"] == "not_found"


@pytest.mark.usefixtures("cards")
async def test_a_failed_job_is_retried_as_a_new_one_and_only_once_for_a_key(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    limited = {**REQUEST, "max_attempts": 2, "attempt_timeout_seconds": 30}
    job_id = (await client.post("/v1/media", json=limited)).json()["id"]
    await neighbours.requested()
    await neighbours.say(a_media_failed(job_id=job_id))
    job = await status_is(client, job_id, "failed")

    retry, key = job["urls"]["retry"], {"Idempotency-Key": "again"}
    answers = [await client.post(retry, headers=key) for _ in range(2)]
    [requested] = await neighbours.requested()

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert requested.subject == answers[0].json()["id"] != job_id
    assert isinstance(requested.data, MediaRequested)
    assert str(requested.data.retried_from) == job_id
    assert (requested.data.max_attempts, requested.data.attempt_timeout_seconds) == (2, 30)
    listed = (await client.get("/v1/media", params={"retried_from": job_id})).json()["items"]
    assert [one["id"] for one in listed] == [requested.subject]


@pytest.mark.usefixtures("cards")
async def test_a_job_that_does_not_end_in_time_is_announced_to_generator_and_notifier(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    body = {**REQUEST, "total_timeout_seconds": 1}
    job = (await client.post("/v1/media", json=body)).json()

    [event] = await neighbours.taken(topology.GENERATOR_CONTROL)
    [heard] = await neighbours.taken(topology.NOTIFIER_OUTCOMES)

    assert isinstance(event.data, MediaDeadlinePassed)
    assert (event.subject, event.data.deadline) == (job["id"], Deadline.TOTAL)
    assert heard == event


@pytest.mark.usefixtures("cards")
async def test_a_pause_is_said_to_the_generators_and_shown_when_they_have_heard(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    answers = [
        await client.post(f"/v1/generators{path}") for path in ("/card/pause", "/resume", "/pause")
    ]
    events = await neighbours.taken(topology.GENERATOR_CONTROL, 3)

    assert [answer.status_code for answer in answers] == [202] * 3
    assert {event.data for event in events} == {
        ControlGenerators(action=Action.PAUSE, generator="card"),
        ControlGenerators(action=Action.RESUME),
        ControlGenerators(action=Action.PAUSE),
    }
    assert len({event.time for event in events}) == 3

    later = SystemClock().now()
    await neighbours.say(a_generator_announced(paused=True, announced_at=later))

    async def shown() -> None:
        assert (await client.get("/v1/generators/card")).json()["paused"] is True

    await eventually(shown)
