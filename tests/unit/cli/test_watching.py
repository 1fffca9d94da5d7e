"""`darkroom watch`: what happens, a line each."""

import json

from shared.events import Message, encode
from shared.testing import a_media_failed, a_media_progressed, a_media_ready, an_event
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
