"""The client against an API in memory."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.client import (
    ApiConflictError,
    ApiGoneError,
    ApiProblemError,
    ContentMismatchError,
    DarkroomClient,
    NoContentError,
    RequestOptions,
    StillRunningError,
)
from tests.unit.client.fake_api import CONTENT, FakeApi
from tests.unit.client.fake_problem import problem


def files_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def test_request_is_followed_to_its_end_and_downloaded(
    darkroom: DarkroomClient, tmp_path: Path
) -> None:
    job = await darkroom.request("card", {"title": "Hello"})
    seen = [(step.status, step.is_final) async for step in darkroom.follow(job.id)]
    job = await darkroom.get(job.id)
    path = await darkroom.download(job, tmp_path / "hello.png")

    assert seen == [("queued", False), ("running", False), ("ready", True)]
    assert path.read_bytes() == CONTENT
    assert files_in(tmp_path) == ["hello.png"]


async def test_request_sends_only_what_was_given(api: FakeApi, darkroom: DarkroomClient) -> None:
    await darkroom.request("card", {"title": "Hello"}, priority="batch", deadline_seconds=5)

    assert api.requests == [
        {
            "generator": "card",
            "input": {"title": "Hello"},
            "priority": "batch",
            "deadline_seconds": 5,
        }
    ]


async def test_api_that_may_wait_answers_with_the_finished_job(darkroom: DarkroomClient) -> None:
    job = await darkroom.request("card", {"title": "Hello"}, wait=timedelta(seconds=5))

    assert job.status == "ready"
    assert job.primary is not None


async def test_limits_of_a_request_are_sent(api: FakeApi, darkroom: DarkroomClient) -> None:
    limits: RequestOptions = {
        "attempt_timeout_seconds": 30,
        "total_timeout_seconds": 600,
        "max_attempts": 1,
    }

    await darkroom.request("card", {"title": "Hello"}, **limits)

    assert api.requests[0].items() >= dict(limits).items()


async def test_refusal_names_each_field_as_people_write_it(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    errors = [
        {"pointer": "/input/width", "message": "9000 is greater than 2048"},
        {"pointer": "/input/tags/0", "message": "7 is not a string"},
    ]
    api.refusals = [problem(422, "invalid_input", "the input does not fit", errors=errors)]

    with pytest.raises(ApiProblemError) as caught:
        await darkroom.request("card", {"title": "Hello", "width": 9000})

    assert caught.value.problem.code == "invalid_input"
    assert caught.value.detail == (
        "the input does not fit\n"
        "  input.width: 9000 is greater than 2048\n"
        "  input.tags[0]: 7 is not a string"
    )
    assert api.calls["post"] == 1


async def test_cancel_stops_what_has_not_ended(api: FakeApi, darkroom: DarkroomClient) -> None:
    job = await darkroom.request("card", {"title": "Hello"})

    assert (await darkroom.cancel(job.id)).status == "canceling"


async def test_cancel_comes_too_late(darkroom: DarkroomClient) -> None:
    job = await darkroom.request("card", {"title": "Hello"}, wait=timedelta(seconds=1))

    with pytest.raises(ApiProblemError, match="it has come to its end"):
        await darkroom.cancel(job.id)


async def test_failed_job_is_asked_for_again(api: FakeApi, darkroom: DarkroomClient) -> None:
    failed = api.a_job({"generator": "card"}, "failed")

    again = await darkroom.retry(failed["id"], idempotency_key="once")

    assert str(again.retried_from) == failed["id"]
    assert again.status == "queued"
    assert api.keys == ["once"]


async def test_what_is_ready_is_not_made_again(api: FakeApi, darkroom: DarkroomClient) -> None:
    ready = api.a_job({"generator": "card"}, "ready")

    with pytest.raises(ApiConflictError) as caught:
        await darkroom.retry(ready["id"])

    assert caught.value.problem.code == "already_ready"


async def test_refusal_that_tells_its_fields_already_does_not_tell_them_twice(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    errors = [{"pointer": "/input/title", "message": "is required"}]
    api.refusals = [problem(422, "invalid_input", "/input/title: is required", errors=errors)]

    with pytest.raises(ApiProblemError) as caught:
        await darkroom.request("card", {})

    assert caught.value.detail == "invalid_input\n  input.title: is required"


async def test_batch_answers_each_request_in_order(darkroom: DarkroomClient) -> None:
    answers = await darkroom.request_many(
        [{"generator": "card", "input": {}}, {"generator": "nothing", "input": {}}]
    )

    assert [answer.status for answer in answers] == [202, 422]
    assert answers[0].job is not None
    assert answers[1].problem is not None
    assert answers[1].problem.code == "unknown_generator"


async def test_job_that_takes_too_long_is_left_alone(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    api.course = ("queued",)
    job = await darkroom.request("card", {"title": "Hello"})

    with pytest.raises(StillRunningError, match=r"is still queued after 0\.1 s"):
        await darkroom.wait(job.id, timedelta(seconds=0.1))


async def test_damaged_download_leaves_nothing_behind(
    api: FakeApi, darkroom: DarkroomClient, tmp_path: Path
) -> None:
    job = await darkroom.request("card", {"title": "Hello"}, wait=timedelta(seconds=5))
    api.content = b"something else"

    with pytest.raises(ContentMismatchError):
        await darkroom.download(job, tmp_path / "hello.png")

    assert files_in(tmp_path) == []


async def test_download_that_is_refused_says_why(
    api: FakeApi, darkroom: DarkroomClient, tmp_path: Path
) -> None:
    job = await darkroom.request("card", {"title": "Hello"}, wait=timedelta(seconds=5))
    api.refusals = [problem(410, "gone", "the assets have expired")]

    with pytest.raises(ApiProblemError, match="the assets have expired"):
        await darkroom.download(job, tmp_path / "hello.png")


async def test_failed_job_has_nothing_to_download(
    api: FakeApi, darkroom: DarkroomClient, tmp_path: Path
) -> None:
    api.course = ("queued", "failed")
    job = await darkroom.wait((await darkroom.request("card", {"title": "Hello"})).id)

    assert job.error is not None
    assert job.error.message == "no font can draw this title"
    with pytest.raises(NoContentError, match="is failed and has no file"):
        await darkroom.download(job.id, tmp_path / "hello.png")


async def test_lists_come_in_pages(darkroom: DarkroomClient) -> None:
    for _ in range(3):
        await darkroom.request("card", {"title": "Hello"})

    page = await darkroom.list(limit=2, status="queued")

    assert len(page.items) == 2
    assert page.next_cursor == "more"


async def test_generators_are_read(darkroom: DarkroomClient) -> None:
    assert [generator.name for generator in await darkroom.generators()] == ["card"]
    assert (await darkroom.generator("card")).media_types == ("image/png",)


async def test_a_list_is_narrowed_by_states_generators_and_metadata(
    darkroom: DarkroomClient, api: FakeApi
) -> None:
    await darkroom.list(
        status=["ready", "failed"], metadata={"order": "7"}, oldest_first=True, limit=5
    )

    [query] = api.queries
    assert query == "status=ready&status=failed&limit=5&metadata.order=7&order=oldest"


async def test_what_was_deleted_is_gone(darkroom: DarkroomClient, api: FakeApi) -> None:
    job_id = api.a_job({"generator": "card"}, "ready")["id"]

    await darkroom.delete(job_id)
    await darkroom.delete(job_id)

    with pytest.raises(ApiGoneError, match="deleted"):
        await darkroom.get(job_id)


async def test_the_store_is_cleared(darkroom: DarkroomClient) -> None:
    found = await darkroom.collect(dry_run=True)

    assert (found.dry_run, found.garbage_objects, found.kept_objects) == (True, 2, 3)
