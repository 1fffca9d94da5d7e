"""`make`: asked for, waited for, and there, or an error that says why not."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.client import DarkroomClient, NotMadeError, StillRunningError
from tests.unit.client.fake_api import CONTENT, FakeApi
from tests.unit.client.fake_problem import problem


async def test_what_is_made_can_be_downloaded(darkroom: DarkroomClient, tmp_path: Path) -> None:
    job = await darkroom.make("card", {"title": "Hello"}, metadata={"product": 7})

    assert (job.status, job.metadata) == ("ready", {"product": 7})
    assert (await darkroom.download(job, tmp_path / "it.png")).read_bytes() == CONTENT


async def test_an_api_that_does_not_wait_is_asked_until_the_end(darkroom: DarkroomClient) -> None:
    job = await darkroom.make("card", {"title": "Hello"}, timeout=timedelta(seconds=0.9))

    assert job.is_final


async def test_a_job_that_failed_is_an_error_with_its_reason(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    api.course = ("queued", "failed")

    with pytest.raises(NotMadeError, match="is failed: no font can draw") as caught:
        await darkroom.make("card", {"title": "Hello"})
    assert caught.value.job_status == "failed"
    assert str(caught.value.job_id) in api.jobs


async def test_a_canceled_job_has_no_reason(api: FakeApi, darkroom: DarkroomClient) -> None:
    api.course = ("queued", "canceled")

    with pytest.raises(NotMadeError, match=r"is canceled$"):
        await darkroom.make("card", {"title": "Hello"})


async def test_what_takes_too_long_goes_on(api: FakeApi, darkroom: DarkroomClient) -> None:
    api.course = ("queued", "running")

    with pytest.raises(StillRunningError):
        await darkroom.make("card", {"title": "Hello"}, timeout=timedelta(seconds=0.1))


async def test_what_is_sent_again_has_the_same_key(api: FakeApi, darkroom: DarkroomClient) -> None:
    api.refusals = [problem(503, "unavailable", "come back")]

    await darkroom.make("card", {"title": "Hello"})

    assert api.calls["post"] == 2
    assert len(api.requests) == 1
