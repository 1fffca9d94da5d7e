"""`darkroom webhooks`, with an API that answers as the notifier does."""

import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from rich.console import Console

from deploy.cli.main import main
from deploy.cli.surroundings import API_URL, Surroundings

ID = "019ab7f0-0000-7000-8000-00000000e001"
ENDPOINT: dict[str, Any] = {
    "id": ID,
    "url": "https://example.org/hooks",
    "description": "Shop",
    "event_types": ["media.ready"],
    "generators": [],
    "ordered": False,
    "enabled": True,
    "disabled_reason": None,
    "failing_since": None,
    "created_at": "2026-01-01T00:00:00Z",
}
ATTEMPT = {
    "number": 1,
    "started_at": "2026-01-01T00:00:00Z",
    "duration_ms": 12,
    "status": 500,
    "error_code": "bad_status",
    "error": "It answered 500.",
    "answer": "oops",
}
DELIVERY = {
    "id": "019ab7f0-0000-7000-8000-00000000d001",
    "endpoint_id": ID,
    "url": "https://example.org/hooks",
    "event_id": "event-1",
    "event_type": "media.ready",
    "job_id": ID,
    "generator": "card",
    "status": "failed",
    "attempts": 1,
    "next_attempt_at": None,
    "last_status": 500,
    "last_error": "It answered 500.",
    "created_at": "2026-01-01T00:00:00Z",
    "finished_at": "2026-01-01T00:00:00Z",
}
DETAIL = {**DELIVERY, "attempt_log": [ATTEMPT], "body": "{}"}
SECRET = {"secret": "whsec_x", "previous_until": "2026-01-02T00:00:00Z"}


class Api:
    """Answers by method and path, and remembers what was asked."""

    def __init__(self) -> None:
        one, sent = f"/endpoints/{ID}", f"/deliveries/{DELIVERY['id']}"
        self.answers: dict[str, Any] = {
            "POST /endpoints": {**ENDPOINT, "secret": "whsec_x"},
            "GET /endpoints": {"items": [ENDPOINT], "next_cursor": None},
            f"GET {one}": ENDPOINT,
            f"PATCH {one}": {**ENDPOINT, "enabled": False, "disabled_reason": "requested"},
            f"DELETE {one}": None,
            f"GET {one}/secret": SECRET,
            f"POST {one}/rotate-secret": SECRET,
            f"POST {one}/test": {"event_id": "e", "delivered": False, "attempt": ATTEMPT},
            "GET /secret": {"secret": "whsec_default", "previous_until": None},
            "POST /rotate-secret": SECRET,
            "GET /deliveries": {"items": [DELIVERY], "next_cursor": "more"},
            f"GET {sent}": DETAIL,
            f"POST {sent}/replay": DETAIL,
            "POST /replay": {"replayed": 7, "more": True},
        }
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path.removeprefix("/v1/webhooks")
        said = self.answers[f"{request.method} {path}"]
        return httpx.Response(204) if said is None else httpx.Response(200, json=said)

    @property
    def body(self) -> Any:
        return json.loads(self.asked[-1].content)


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def run(api: Api) -> Run:
    def call(*arguments: str) -> tuple[int, str]:
        out = io.StringIO()
        console = Console(file=out, width=240, highlight=False, color_system=None)
        here = Surroundings(
            out=console,
            err=console,
            environment={API_URL: "http://api.test"},
            api_transport=httpx.MockTransport(api.answer),
            ask=lambda _: True,
        )
        with pytest.raises(SystemExit) as left:
            main(["webhooks", *arguments], here)
        return int(left.value.code or 0), out.getvalue()

    return call


def test_an_endpoint_is_added_and_its_secret_shown(run: Run, api: Api) -> None:
    options = ("--event", "media.ready", "--generator", "card", "--ordered")
    code, out = run("add", "https://example.org/hooks", *options)
    assert code == 0
    assert "whsec_x" in out
    assert f"darkroom webhooks test {ID}" in out
    assert api.body == {
        "url": "https://example.org/hooks",
        "event_types": ["media.ready"],
        "generators": ["card"],
        "ordered": True,
    }


def test_endpoints_are_listed_with_their_state(run: Run, api: Api) -> None:
    assert "enabled" in run("list")[1]
    failing = {**ENDPOINT, "failing_since": "2026-01-01T00:00:00Z"}
    api.answers["GET /endpoints"] = {"items": [failing], "next_cursor": None}
    assert "failing since" in run("list")[1]
    api.answers["GET /endpoints"] = {"items": [], "next_cursor": None}
    assert "no webhook endpoints" in run("list")[1]
    assert json.loads(run("list", "--json")[1]) == []


def test_one_is_shown_with_its_secret_when_that_is_wanted(run: Run) -> None:
    assert "whsec_x" not in run("show", ID)[1]
    assert "whsec_x" in run("show", ID, "--secret")[1]
    assert json.loads(run("show", ID, "--json")[1])["id"] == ID


def test_one_is_disabled(run: Run, api: Api) -> None:
    assert "disabled (requested)" in run("update", ID, "--disable")[1]
    assert api.body == {"enabled": False}
    assert json.loads(run("update", ID, "--url", "https://x.org", "--json")[1])["id"] == ID
    assert run("update", ID)[0] == 2


def test_one_is_removed(run: Run, api: Api) -> None:
    assert "removed" in run("remove", ID)[1]
    assert api.asked[-1].method == "DELETE"


def test_secrets_are_shown_and_rotated(run: Run) -> None:
    assert "whsec_default" in run("secret")[1]
    assert "old one until" in run("rotate")[1]
    assert "whsec_x" in run("rotate", ID)[1]


def test_a_sample_that_was_not_taken_is_a_failure(run: Run) -> None:
    code, out = run("test", ID)
    assert code == 1
    assert "It answered 500." in out
    assert run("test", ID, "--json")[0] == 1


def test_deliveries_are_listed(run: Run, api: Api) -> None:
    code, out = run("deliveries", "--status", "failed", "--since", "2026-01-01", "--endpoint", ID)
    assert code == 0
    assert "It answered 500." in out
    assert "--cursor more" in out
    asked = api.asked[-1].url.params
    assert (asked["status"], asked["endpoint"]) == ("failed", ID)
    api.answers["GET /deliveries"] = {"items": [], "next_cursor": None}
    assert "no deliveries" in run("deliveries")[1]
    assert json.loads(run("deliveries", "--json")[1])["items"] == []


def test_a_delivery_is_shown_with_every_call(run: Run, api: Api) -> None:
    out = run("show-delivery", str(DELIVERY["id"]))[1]
    assert "oops" in out
    assert "event-1" in out
    assert json.loads(run("show-delivery", str(DELIVERY["id"]), "--json")[1])["body"] == "{}"
    api.answers[f"GET /deliveries/{DELIVERY['id']}"] = {**DETAIL, "attempt_log": []}
    assert "oops" not in run("show-delivery", str(DELIVERY["id"]))[1]


def test_one_or_many_are_sent_again(run: Run, api: Api) -> None:
    assert "event-1" in run("replay", str(DELIVERY["id"]))[1]
    out = run("replay", "--status", "skipped", "--since", "2026-01-01", "--until", "2026-02-01")[1]
    assert "7; there are more" in out
    assert api.body["status"] == "skipped"
    assert run("replay", "--status", "delivered")[0] == 2
