"""One conversation with a provider over HTTP: requests, capped answers, classed failures."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpx

from services.generator.generators.remote.errors import AnswerLostError
from services.generator.generators.remote.failures import failure_of, failure_to_ask

MIB: Final = 1024**2
LARGEST: Final = 8 * MIB
"""Of an answer that has no file in it."""
_LARGEST_ERROR: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    name: str
    headers: httpx.Headers
    content: bytes

    def json(self) -> Any:
        """The answer as JSON. Raises `AnswerLostError`: what it says cannot be known."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise AnswerLostError(
                f"The provider {self.name} answered something other than JSON."
            ) from None

    def text(self, *path: str) -> str:
        """The text at `path` in the JSON. Raises `AnswerLostError` where there is none."""
        found = self.json()
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, str) or not found:
            raise AnswerLostError(f"The provider {self.name} answered without {'.'.join(path)}.")
        return found


@cache
def authorities() -> ssl.SSLContext:
    """Whom TLS trusts. Loading them takes longer than a request."""
    return httpx.create_ssl_context()


class Session:
    """Speaks with the provider `name` until it is closed; `client` knows its address and key."""

    def __init__(self, name: str, client: httpx.AsyncClient) -> None:
        self._name = name
        self._client = client

    async def ask(
        self, method: str, path: str, *, largest: int = LARGEST, **content: Any
    ) -> Answer:
        """The answer to a request. Raises the errors of `failures`, and `AnswerLostError` for an
        answer that is cut off or larger than `largest` bytes."""
        async with self.stream(method, path, **content) as response:
            body = await self.read(response, largest)
        return Answer(self._name, response.headers, body)

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> AsyncIterator[httpx.Response]:
        """The same while it still comes in; what goes wrong meanwhile is classed alike."""
        try:
            async with self._client.stream(method, path, headers=headers, **content) as response:
                if not response.is_success:
                    error = await _beginning(response, _LARGEST_ERROR)
                    raise failure_of(self._name, response.status_code, response.headers, error)
                yield response
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise failure_to_ask(self._name, error) from error

    async def read(self, response: httpx.Response, largest: int) -> bytes:
        """All of it."""
        body = await _beginning(response, largest + 1)
        if len(body) > largest:
            raise AnswerLostError(f"The provider {self._name} answered more than {largest} bytes.")
        return body


async def _beginning(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= most:
            break
    return bytes(body[:most])
