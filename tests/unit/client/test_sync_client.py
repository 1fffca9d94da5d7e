"""The client without `await`: the same methods, from any thread."""

import asyncio
import inspect
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from shared.client import ApiNotFoundError, DarkroomClient, SyncDarkroomClient
from shared.client.loop_thread import ClientClosedError, LoopThread
from shared.testing import eventually_sync
from tests.unit.client.fake_api import CONTENT, FakeApi


@pytest.fixture
def darkroom(api: FakeApi) -> Iterator[SyncDarkroomClient]:
    with SyncDarkroomClient("http://api.test", transport=api.transport) as client:
        yield client


def public(thing: Any) -> set[str]:
    return {name for name in vars(thing) if not name.startswith("_")}


def test_it_can_do_all_that_the_other_can(darkroom: SyncDarkroomClient) -> None:
    """A method that fails here lacks its line in shared/client/sync_client.py."""
    other = DarkroomClient("http://api.test")
    methods = public(DarkroomClient) - {"aclose"}

    assert public(SyncDarkroomClient) - {"close"} == methods
    assert public(darkroom) == public(other)
    for name in public(other):
        assert public(type(getattr(darkroom, name))) == public(type(getattr(other, name)))
    asyncio.run(other.aclose())


def test_its_methods_say_what_the_others_say() -> None:
    assert SyncDarkroomClient.make.__doc__ == DarkroomClient.make.__doc__
    assert inspect.signature(SyncDarkroomClient.get) == inspect.signature(DarkroomClient.get)


def test_media_is_made_and_downloaded(darkroom: SyncDarkroomClient, tmp_path: Path) -> None:
    job = darkroom.make("card", {"title": "Hello"})

    assert darkroom.download(job, tmp_path / "hello.png").read_bytes() == CONTENT
    assert darkroom.dead_letters.groups() == ()


def test_errors_are_the_same(darkroom: SyncDarkroomClient) -> None:
    with pytest.raises(ApiNotFoundError):
        darkroom.get("019ab7f0-0000-7000-8000-00000000dead")


def test_a_job_is_followed_by_a_loop(darkroom: SyncDarkroomClient) -> None:
    job = darkroom.request("card", {"title": "Hello"})

    assert [step.status for step in darkroom.follow(job.id)] == ["queued", "running", "ready"]


def test_a_loop_may_be_left(darkroom: SyncDarkroomClient) -> None:
    job = darkroom.request("card", {"title": "Hello"})

    for step in darkroom.follow(job.id):
        assert step.status == "queued"
        break

    assert darkroom.wait(job.id).is_final


async def test_it_works_where_an_event_loop_runs(darkroom: SyncDarkroomClient) -> None:
    assert darkroom.make("card", {"title": "Hello"}).is_final


def test_threads_share_it(darkroom: SyncDarkroomClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda _: darkroom.make("card", {"title": "Hello"}), range(24)))

    assert len({job.id for job in jobs}) == 24


def test_after_the_end_it_says_so(api: FakeApi) -> None:
    client = SyncDarkroomClient("http://api.test", transport=api.transport)
    client.close()
    client.close()

    with pytest.raises(ClientClosedError, match="closed"):
        client.generators()


def test_closing_cancels_what_still_runs(api: FakeApi) -> None:
    api.course = ("queued", "running")
    threads = threading.active_count()
    client = SyncDarkroomClient("http://api.test", transport=api.transport)
    job = client.request("card", {"title": "Hello"})
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.wait, job.id)
        eventually_sync(lambda: _assert(api.calls["get"] > 0))
        client.close()

        assert waiting.exception(5) is not None
    assert threading.active_count() == threads


def test_what_is_canceled_can_clean_up() -> None:
    thread, canceled = LoopThread(), threading.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            canceled.set()

    async def nothing() -> None:
        return None

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(thread.call, endless())
        thread.call(nothing())
        thread.stop(nothing)
        assert waiting.exception(5) is not None
    assert canceled.is_set()


def _assert(true: bool) -> None:
    assert true
