"""The notifier, as the api reaches it: webhooks are its own, the api only forwards.

Neighbour: the notifier believes whoever calls it whose request it is, so only the api may.
"""

from dataclasses import dataclass
from typing import Final

import httpcore

from shared.addresses import read_url
from shared.errors import RetryableError
from shared.webhooks.models import TENANT_HEADER

CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 30.0
_CONNECTIONS: Final = 20


class NotifierAwayError(RetryableError):
    """The notifier, which owns the webhooks, cannot be reached; ask again."""

    code = "notifier_away"
    title = "Notifier away"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What is asked, or answered."""

    status: int
    content_type: str
    body: bytes
    retry_after: str | None = None


class Notifier:
    """Asks it; `url` None: there is none."""

    def __init__(self, url: str | None) -> None:
        self._place = read_url(url) if url else None
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=_CONNECTIONS, keepalive_expiry=1.0, retries=1
        )

    async def ask(self, tenant: str, method: str, target: str, body: bytes) -> Forwarded:
        """Its answer. Raises `NotifierAwayError`."""
        if self._place is None:
            raise NotifierAwayError("DARKROOM_NOTIFIER_URL does not say where the notifier is.")
        place = self._place
        url = httpcore.URL(
            scheme=place.scheme.encode(),
            host=place.host.encode(),
            port=place.port,
            target=target.encode(),
        )
        headers = {TENANT_HEADER: tenant, "content-type": "application/json"}
        limits = {"connect": CONNECT_SECONDS, "read": ANSWER_SECONDS, "pool": ANSWER_SECONDS}
        try:
            answer = await self._pool.request(
                method,
                url,
                headers=list(headers.items()),
                content=body,
                extensions={"timeout": limits},
            )
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            OSError,
        ) as error:
            raise NotifierAwayError from error
        said = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
        return Forwarded(
            answer.status, said.get(b"content-type", ""), answer.content, said.get(b"retry-after")
        )

    async def close(self) -> None:
        """No more questions."""
        await self._pool.aclose()
