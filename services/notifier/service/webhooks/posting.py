"""One call to an address of somebody else.

The host is looked up when the connection is made, every address that it has is looked at, and the
connection goes to one of those: at each call anew, so a name that leads inside by then is refused
then. No redirect is followed, no proxy asked, no connection kept; TLS verifies the name.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

import httpcore

from services.notifier.models import Call
from services.notifier.service.webhooks.schedule import retry_after
from shared.addresses import (
    AddressRefusedError,
    Place,
    Resolve,
    addresses_of,
    is_allowed,
    is_public,
    read_url,
)
from shared.clock import Clock

LARGEST_ANSWER: Final = 20_000
GONE: Final = 410
INVALID: Final = "invalid_address"
_BUSY: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Outside:
    """What calls may reach. `ports` are ranges; `allowed_hosts` may be private as well."""

    ports: Sequence[range]
    timeout: timedelta
    allow_private: bool = False
    allowed_hosts: Sequence[str] = ()
    resolve: Resolve = addresses_of

    def must_allow(self, place: Place) -> None:
        """Raises `AddressRefusedError` for what can be seen without looking the host up."""
        if self._trusts(place.host):
            return
        if not any(place.port in ports for ports in self.ports):
            raise AddressRefusedError(f"Webhooks may not go to port {place.port}.")
        is_literal = ":" in place.host or place.host.rpartition(".")[2].isdigit()
        if is_literal and not is_public(place.host):
            raise _not_public(place.host)

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Where to connect to now. Raises `AddressRefusedError`, `OSError`."""
        addresses = await self.resolve(host, port)
        if not self._trusts(host) and not all(map(is_public, addresses)):
            raise _not_public(host)
        return addresses

    def _trusts(self, host: str) -> bool:
        return self.allow_private or is_allowed(host, self.allowed_hosts)


def _not_public(host: str) -> AddressRefusedError:
    return AddressRefusedError(
        f"{host} is not a public address; DARKROOM_WEBHOOK_ALLOWED_HOSTS can allow it."
    )


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked at, and to nothing else."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (as httpcore has it)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._outside.addresses(host, port)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, timeout, local_address)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Poster:
    """Makes calls, and says what became of each; raises nothing."""

    def __init__(self, outside: Outside, clock: Clock, *, user_agent: str) -> None:
        self._outside = outside
        self._clock = clock
        self._user_agent = user_agent

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Call:
        """Send `body` there."""
        started_at, begun = self._clock.now(), time.perf_counter()
        try:
            place = read_url(url)
            self._outside.must_allow(place)
            said = {"error_code": None} | await self._within_time(place, headers, body)
        except AddressRefusedError as error:
            said = {"error_code": INVALID, "error": error.detail}
        return Call(started_at=started_at, seconds=time.perf_counter() - begun, **said)

    async def _within_time(
        self, place: Place, headers: Mapping[str, str], body: bytes
    ) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._outside.timeout.total_seconds()):
                return await self._send(place, headers, body)
        except AddressRefusedError as error:
            return {"error_code": "address_refused", "error": error.detail}
        except (TimeoutError, httpcore.TimeoutException):
            seconds = self._outside.timeout.total_seconds()
            return _failed("timed_out", f"There was no whole answer within {seconds:g} s.")
        except (httpcore.NetworkError, OSError) as error:
            return _failed("unreachable", f"No connection, or it broke off: {_words(error)}")
        except (httpcore.ProtocolError, UnicodeError, ValueError) as error:
            return _failed("broken_answer", f"The answer is not HTTP: {_words(error)}")

    async def _send(self, place: Place, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        url = httpcore.URL(
            scheme=place.scheme.encode(),
            host=place.host.encode(),
            port=place.port,
            target=place.target.encode(),
        )
        sent = {"host": place.authority, "user-agent": self._user_agent, "connection": "close"}
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=self._trust,
                max_connections=1,
                max_keepalive_connections=0,
                network_backend=_Guarded(self._outside),
            ) as pool,
            pool.stream(
                "POST", url, headers=list((sent | dict(headers)).items()), content=body
            ) as answer,
        ):
            return await self._read(answer)

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

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Loading the authorities takes longer than a call."""
        return httpcore.default_ssl_context()


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


def _failed(code: str, why: str) -> dict[str, Any]:
    return {"error_code": code, "error": why}


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:300]


Post = Callable[[str, Mapping[str, str], bytes], Awaitable[Call]]
