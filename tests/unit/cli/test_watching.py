"""`darkroom watch`: what happens, a line each, or a table."""

import io
import json
from collections.abc import Callable
from uuid import UUID

from rich.console import Console

from deploy.cli.watching_table import WatchingTable
from shared.client import LiveEvent
from shared.clock import uuid7
from shared.events import Message, encode
from shared.testing import (
    a_media_failed,
    a_media_progressed,
    a_media_ready,
    a_media_requested,
    a_media_started,
    an_event,
)
from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import FakeApi


def said(data: Message, name: str) -> str:
    return f"id: {name}\nevent: media.{name}\ndata: {encode(an_event(data)).decode()}\n\n"


def test_a_request_is_watched_to_its_end(run: Run, api: FakeApi) -> None:
    api.streams = [said(a_media_progressed(), "progressed") + said(a_media_ready(), "ready")]

    outcome = run("watch", "019ac1f2")

    progressed, ready = outcome.out.splitlines()
    assert "progressed" in progressed
    assert "50 %" in progressed
    assert "ready" in ready
    assert outcome.code == 0


def test_all_are_watched_for_scripts(run: Run, api: FakeApi) -> None:
    api.streams = [said(a_media_failed(), "failed")]

    outcome = run("watch", "--json", "--type", "media.failed", "--generator", "card")

    assert json.loads(outcome.out)["type"] == "darkroom.media.failed.v1"
    assert api.queries[0] == "types=media.failed&generator=card"


def test_one_request_is_not_narrowed_down(run: Run) -> None:
    assert run("watch", "019ac1f2", "--type", "media.ready").code == 2


def test_a_table_has_a_line_for_each_request_and_what_became_of_it(run: Run, api: FakeApi) -> None:
    job, other = uuid7(), uuid7()
    api.streams = [
        said(a_media_requested(job_id=job), "requested")
        + said(a_media_started(job_id=job), "started")
        + said(a_media_progressed(job_id=job), "progressed")
        + said(a_media_requested(job_id=other), "requested")
        + said(a_media_failed(job_id=job), "failed")
    ]

    outcome = run("watch", str(job), "--table", width=120)

    last = outcome.out.rsplit("generator", 1)[-1]
    assert [line.split()[:3] for line in last.splitlines()[1:3]] == [
        [str(job), "card", "failed"],
        [str(other), "card", "queued"],
    ]
    assert outcome.code == 0


def test_without_a_terminal_the_table_is_lines(run: Run, api: FakeApi) -> None:
    api.streams = [said(a_media_ready(), "ready")]

    [line] = run("watch", "019ac1f2", "--table").out.splitlines()

    assert "ready" in line


def test_a_time_is_told_from_a_position(run: Run, api: FakeApi) -> None:
    run("watch", "019ac1f2", "--since", "2026-01-02T03:04:05Z")
    run("watch", "019ac1f2", "--since", "AAAAAAAAAwsAAAAAAAAAIQ")

    assert api.queries == ["since=2026-01-02T03%3A04%3A05%2B00%3A00", ""]


def an_event_of(job_id: UUID, kind: Callable[..., Message]) -> LiveEvent:
    event = an_event(kind(job_id=job_id))
    body = json.loads(encode(event))
    return LiveEvent(event.type.removeprefix("darkroom.").removesuffix(".v1"), body)


def a_screen(height: int) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    console = Console(file=file, width=120, height=height, force_terminal=True, color_system=None)
    return console, file


def test_what_goes_on_has_its_place_before_what_is_over() -> None:
    console, file = a_screen(height=6)
    over, going_on = [uuid7() for _ in range(3)], uuid7()
    with WatchingTable(console) as table:
        for job in over:
            table.hear(an_event_of(job, a_media_ready))
        table.hear(an_event_of(going_on, a_media_started))
        table.hear(an_event_of(going_on, a_media_progressed))
    last = file.getvalue().rsplit("generator", 1)[-1]
    assert str(over[0]) not in last
    assert str(over[2]) in last
    assert f"{going_on}" in last
    assert "and 1 more" in last


def test_what_has_ended_is_forgotten_when_there_are_many() -> None:
    console, file = a_screen(height=2_000)
    first, going_on = uuid7(), uuid7()
    with WatchingTable(console) as table:
        table.hear(an_event_of(going_on, a_media_started))
        for job in (first, *(uuid7() for _ in range(500))):
            table.hear(an_event_of(job, a_media_ready))
    last = file.getvalue().rsplit("generator", 1)[-1]
    assert str(first) not in last
    assert str(going_on) in last


def test_what_comes_late_changes_nothing_and_an_empty_table_says_so() -> None:
    console, file = a_screen(height=10)
    job = uuid7()
    with WatchingTable(console) as table:
        pass
    assert "nothing has happened yet" in file.getvalue()
    with WatchingTable(console) as table:
        table.hear(an_event_of(job, a_media_ready))
        table.hear(an_event_of(job, a_media_started))
    assert "ready" in file.getvalue().rsplit("generator", 1)[-1]
