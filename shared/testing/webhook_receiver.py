"""Somebody who is called back: a real HTTP server on this machine that collects webhooks.

    with WebhookReceiver(secret) as receiver:
        receiver.fail(2)
        client.request("card", {"title": "Hello"}, webhook={"url": receiver.url})
        call = receiver.wait_for(lambda call: call.event.type == "darkroom.media.ready.v1")

With a secret, calls whose signature does not verify are answered 401 and kept in `refused`.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from shared.events import CloudEvent, decode
from shared.testing.eventually import eventually_sync
from shared.webhooks import WebhookVerificationError, verify_webhook

PATIENCE = timedelta(seconds=10)
Answer = tuple[int, dict[str, str]]
"""Status and headers."""


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """One call as it came (names of headers in lower case), and what it was answered."""

    path: str
    headers: dict[str, str]
    body: bytes
    answered: int

    @property
    def event(self) -> CloudEvent:
        """What it says."""
        return decode(self.body)

    @property
    def id(self) -> str:
        """The `webhook-id`: the same for each try of the same event."""
        return self.headers.get("webhook-id", "")


class WebhookReceiver:
    """Use it as `with WebhookReceiver() as receiver`, and `receiver.url` as the webhook."""

    def __init__(self, secret: str | None = None) -> None:
        self.secret = secret
        self.calls: list[ReceivedCall] = []
        """All that came and were not refused, in the order of their answers."""
        self.refused: list[ReceivedCall] = []
        self._answers: deque[Answer] = deque()
        self._delay = 0.0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Where it listens; any path will do."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hooks/darkroom"

    def fail(self, times: int, status: int = 500, **headers: str) -> None:
        """The next calls get this answer; `Retry_After="2"` becomes a header."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        self._answers.extend([(status, said)] * times)

    def answer_after(self, delay: timedelta) -> None:
        """From now on be slow."""
        self._delay = delay.total_seconds()

    @property
    def events(self) -> dict[str, CloudEvent]:
        """What was taken with a 2xx, each event once, by its id."""
        return {call.id: call.event for call in list(self.calls) if call.answered < 300}

    def wait_for(
        self,
        wanted: Callable[[ReceivedCall], bool] = lambda _: True,
        *,
        count: int = 1,
        timeout: timedelta = PATIENCE,
    ) -> ReceivedCall:
        """The last of `count` such calls, once they have come. `AssertionError` if they do not."""

        def found() -> ReceivedCall:
            calls = [call for call in list(self.calls) if wanted(call)]
            assert len(calls) >= count, f"{len(calls)} of {count} calls, of {len(self.calls)}"
            return calls[count - 1]

        return eventually_sync(found, timeout.total_seconds())

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Decide about one call and remember it."""
        time.sleep(self._delay)
        with self._lock:
            verified = self._is_verified(headers, body)
            answer: Answer = (401, {}) if not verified else (204, {})
            if verified and self._answers:
                answer = self._answers.popleft()
            call = ReceivedCall(path, headers, body, answer[0])
            (self.calls if verified else self.refused).append(call)
            return answer

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _is_verified(self, headers: dict[str, str], body: bytes) -> bool:
        if self.secret is None:
            return True
        try:
            verify_webhook(self.secret, headers, body)
        except WebhookVerificationError:
            return False
        return True


def _handler(receiver: WebhookReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra = receiver.take(self.path, headers, body)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **extra}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests say themselves what went wrong."""

    return Handler
