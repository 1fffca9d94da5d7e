"""`darkroom doctor` says when a key is missing or wrong."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local.finding import Finding
from deploy.local.home import StackHome
from deploy.local.key_check import access_findings
from deploy.local.settings import LocalSettings
from deploy.local.stack_file import StackInfo, write_stack_file

GOOD = "dk_good_0123456789abcdef"


class _Api(BaseHTTPRequestHandler):
    """Takes one key, or anything."""

    wants_keys = True

    def do_GET(self) -> None:
        said = self.headers.get("Authorization")
        good = not self.wants_keys or said == f"Bearer {GOOD}"
        body = b"{}" if good else json.dumps({"detail": "There is no such key."}).encode()
        self.send_response(200 if good else 401)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(_Api, "wants_keys", True)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Api) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def found(home: Path, url: str | None, key: str | None = None) -> Finding:
    [finding] = access_findings(LocalSettings(home=home, api_url=url, api_key=key))
    return finding


def test_a_missing_key_comes_with_its_remedy(tmp_path: Path, api: str) -> None:
    finding = found(tmp_path, api)
    assert (finding.name, finding.ok) == ("key", False)
    assert finding.detail.endswith("wants one")
    assert "darkroom keys create" in finding.remedy


@pytest.mark.parametrize("key", ["dk_wrong_1", "two words", "dk_ä"])
def test_a_wrong_key_is_said_to_be_wrong_and_not_shown(tmp_path: Path, api: str, key: str) -> None:
    finding = found(tmp_path, api, key)
    assert (finding.name, finding.ok) == ("key", False)
    assert key not in finding.detail


def test_a_good_key_is_said_to_be_good(tmp_path: Path, api: str) -> None:
    finding = found(tmp_path, f"{api}/", f"{GOOD}\n")
    assert (finding.ok, "takes it" in finding.detail) == (True, True)


def test_no_key_is_needed_where_none_is_wanted(
    tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Api, "wants_keys", False)
    assert found(tmp_path, api).detail.endswith("wants none")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nowhere"])
def test_an_api_that_does_not_answer_is_said_so(tmp_path: Path, url: str) -> None:
    finding = found(tmp_path, url)
    assert (finding.name, finding.ok, "nobody answers" in finding.detail) == ("api", False, True)


def test_the_stack_here_brings_its_own_key(
    tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = StackInfo(
        api=api, api_key=GOOD, rabbitmq="amqp://broker", management=None, databases={}, pids={}
    )
    write_stack_file(tmp_path, info)
    monkeypatch.setattr(StackHome, "is_running", lambda _: True)
    assert found(tmp_path, None).ok
    assert not found(tmp_path, None, "dk_other_1").ok


def test_an_open_door_is_found_before_anybody_starts_it(tmp_path: Path) -> None:
    [finding] = access_findings(LocalSettings(home=tmp_path, host="0.0.0.0"))
    assert (finding.name, finding.ok) == ("address", False)
    assert not list(access_findings(LocalSettings(home=tmp_path)))
