"""One call to an address of somebody else.

No redirect is followed and no proxy asked. Neighbours: `outside` says where calls may go,
`connections` goes there and nowhere else.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from typing import Any, Final, Protocol
from uuid import UUID

import httpcore

from services.notifier.models import Call
from services.notifier.service.webhooks.connections import Connections
from services.notifier.service.webhooks.outside import Outside
from services.notifier.service.webhooks.schedule import retry_after
from shared.addresses import AddressRefusedError, Place, read_url
from shared.clock import Clock

LARGEST_ANSWER: Final = 20_000
GONE: Final = 410
INVALID: Final = "invalid_address"
_BUSY: Final = frozenset({429, 503})
_UNKNOWN: Final = (
    "nobody who is trusted has signed it; DARKROOM_WEBHOOK_CA_FILE can name authorities of your "
    "own."
)
# Source: X509_V_ERR_… in OpenSSL's x509_vfy.h.
_COMPLAINTS: Final = {
    9: "it is not valid yet.",
    10: "it has expired.",
    18: f"it is self-signed: {_UNKNOWN}",
    19: _UNKNOWN,
    20: _UNKNOWN,
    21: _UNKNOWN,
    62: "it is for another name.",
    64: "it is for another address.",
}


class Post(Protocol):
    """Makes a call."""

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, lane: UUID | None = None
    ) -> Call: ...


class Poster:
    """Makes calls, and says what became of each; raises nothing. Keeps up to `kept` connections."""

    def __init__(self, outside: Outside, clock: Clock, *, user_agent: str, kept: int = 0) -> None:
        self._outside = outside
        self._clock = clock
        self._user_agent = user_agent
        self.connections = Connections(outside, kept)

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, lane: UUID | None = None
    ) -> Call:
        """Send `body` there, on a connection of that lane where one is kept."""
        started_at, begun = self._clock.now(), time.perf_counter()
        try:
            place = read_url(url)
            self._outside.must_allow(place)
            said = {"error_code": None} | await self._within_time(
                place, self._request(place, headers, body), lane
            )
        except AddressRefusedError as error:
            said = {"error_code": INVALID, "error": error.detail}
        return Call(started_at=started_at, seconds=time.perf_counter() - begun, **said)

    async def _within_time(
        self, place: Place, request: httpcore.Request, lane: UUID | None
    ) -> dict[str, Any]:
        try:
            async with (
                asyncio.timeout(self._outside.timeout.total_seconds()),
                self.connections.asked(place, request, lane) as answer,
            ):
                return await self._read(answer)
        except AddressRefusedError as error:
            return {"error_code": "address_refused", "error": error.detail}
        except (TimeoutError, httpcore.TimeoutException):
            seconds = self._outside.timeout.total_seconds()
            return _failed("timed_out", f"There was no whole answer within {seconds:g} s.")
        except (httpcore.NetworkError, OSError) as error:
            return _distrusted(error, place) or _failed(
                "unreachable", f"No connection, or it broke off: {_words(error)}"
            )
        except (httpcore.ProtocolError, UnicodeError, ValueError) as error:
            return _failed("broken_answer", f"The answer is not HTTP: {_words(error)}")

    def _request(self, place: Place, headers: Mapping[str, str], body: bytes) -> httpcore.Request:
        url = httpcore.URL(
            scheme=place.scheme.encode(),
            host=place.host.encode(),
            port=place.port,
            target=place.target.encode(),
        )
        sent = {
            "host": place.authority,
            "user-agent": self._user_agent,
            "content-length": str(len(body)),
            **headers,
        }
        return httpcore.Request("POST", url, headers=list(sent.items()), content=body)

    async def _read(self, answer: httpcore.Response) -> dict[str, Any]:
        content = bytearray()
        async for chunk in answer.aiter_stream():
            content += chunk
            if len(content) >= LARGEST_ANSWER:
                break
        text = bytes(content[:LARGEST_ANSWER]).decode("utf-8", "replace").replace("\0", "\ufffd")
        said = {"status": answer.status, "answer": text, **_judged(answer.status)}
        if answer.status in _BUSY:
            asked = _header(answer, b"retry-after")
            moment = asked.decode("latin-1") if asked else None
            said["retry_after"] = retry_after(moment, self._clock.now())
        return said


def _header(answer: httpcore.Response, name: bytes) -> bytes | None:
    return next((value for key, value in answer.headers if key.lower() == name), None)


def _judged(status: int) -> dict[str, Any]:
    if 200 <= status < 300:
        return {}
    if 300 <= status < 400:
        return _failed("redirected", f"It answered {status}: redirects are not followed.")
    if status == GONE:
        return _failed("gone", "It answered 410: it wants to hear nothing any more.")
    return _failed("bad_status", f"It answered {status}.")


def _distrusted(error: BaseException, place: Place) -> dict[str, Any] | None:
    """What is wrong with the certificate, if that is what was wrong."""
    while not isinstance(error, ssl.SSLCertVerificationError):
        if error.__cause__ is None:
            return None
        error = error.__cause__
    why = _COMPLAINTS.get(error.verify_code, f"{error.verify_message}.")
    return _failed("certificate_refused", f"The certificate of {place.host} is refused: {why}")


def _failed(code: str, why: str) -> dict[str, Any]:
    return {"error_code": code, "error": why}


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:300]
