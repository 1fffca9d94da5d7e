"""What `make run` and `make demo` ask of the API."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from deploy.local.demo import results_table
from deploy.local.errors import LocalStackError
from deploy.local.media import Generator, Made, make, wait_for_generator, wait_for_generators

WITHIN = timedelta(seconds=10)
CARD = Generator("card", {"title": "Hello"})


class FakeApi:
    """An API in which every request for the job brings it one status further."""

    def __init__(self, *statuses: str, error: str | None = None) -> None:
        self.announced = [[_announcement("flaky")], [_announcement("flaky"), _announcement("card")]]
        self.requests: list[dict[str, Any]] = []
        self._statuses = list(statuses)
        self._error = error

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer), base_url="http://api")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/generators":
            items = self.announced.pop(0) if len(self.announced) > 1 else self.announced[0]
            return httpx.Response(200, json={"items": items})
        if request.url.path.endswith("/content"):
            return httpx.Response(200, content=b"picture")
        if request.method == "POST":
            self.requests.append(json.loads(request.content))
        return httpx.Response(200, json=self._job())

    def _job(self) -> dict[str, Any]:
        status = self._statuses.pop(0)
        assets = [{"media_type": "image/jpeg"}] if status == "ready" else []
        return {"id": "1", "status": status, "assets": assets, "error": self._error}


def _announcement(name: str) -> dict[str, Any]:
    return {"name": name, "example": {"title": "Hello"}}


def test_a_picture_is_asked_for_waited_for_and_saved(tmp_path: Path) -> None:
    api = FakeApi("queued", "running", "ready")
    seen: list[str] = []
    with api.client() as client:
        made = make(
            client,
            CARD,
            tmp_path / "out" / "card",
            within=WITHIN,
            on_progress=lambda job: seen.append(job["status"]),
        )
    assert api.requests == [{"generator": "card", "input": {"title": "Hello"}}]
    assert seen == ["running", "ready"]
    assert made.path == tmp_path / "out" / "card.jpg"
    assert made.path.read_bytes() == b"picture"


def test_a_failed_job_is_an_error_with_its_reason(tmp_path: Path) -> None:
    api = FakeApi("queued", "failed", error="no ink")
    with api.client() as client, pytest.raises(LocalStackError, match="card failed: no ink"):
        make(client, CARD, tmp_path / "card", within=WITHIN)


def test_a_job_that_never_ends_is_given_up(tmp_path: Path) -> None:
    api = FakeApi(*["running"] * 20)
    with api.client() as client, pytest.raises(LocalStackError, match="still running"):
        make(client, CARD, tmp_path / "card", within=timedelta(milliseconds=300))


def test_a_generator_is_used_once_it_was_announced() -> None:
    with FakeApi().client() as client:
        assert wait_for_generator(client, "card", WITHIN) == CARD


def test_a_demo_shows_what_makes_something_real() -> None:
    with FakeApi().client() as client:
        assert wait_for_generators(client, WITHIN) == [CARD]


def test_a_demos_table_shows_whole_paths_that_can_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    near, far = tmp_path / "out" / "demo" / "card.png", Path("/", *["a-folder"] * 12, "art.png")
    made = {path.stem: Made(path.stem, path, "image/png", 1000, 0.5) for path in (near, far)}
    output = StringIO()
    console = Console(width=80, file=output)

    console.print(results_table(made))

    printed = "".join(line.rstrip().split(" ")[-1] for line in output.getvalue().splitlines())
    assert "out/demo/card.png" in printed
    assert str(tmp_path) not in printed
    assert str(far) in printed
