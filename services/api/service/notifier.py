"""The notifier, as the api reaches it: webhooks are its own, the api only forwards.

Neighbour: the notifier believes the api whose request it is, and nobody else: by a shared token.
"""

from dataclasses import dataclass
from typing import Final

import httpcore
import structlog

from shared.addresses import Place, read_url
from shared.errors import RetryableError
from shared.webhooks.models import TENANT_HEADER

CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 30.0
_CONNECTIONS: Final = 20
_UNAUTHENTICATED: Final = 401

log = structlog.get_logger(__name__)


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
    """Asks it; `url` None: there is none. The `token` is what it knows the api by."""

    def __init__(self, url: str | None, token: str | None = None) -> None:
        self._place = read_url(url) if url else None
        self._known_by = {"authorization": f"Bearer {token}"} if token else {}
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=_CONNECTIONS, keepalive_expiry=1.0, retries=1
        )

    async def ask(
        self, tenant: str, method: str, target: str, body: bytes, key: str | None = None
    ) -> Forwarded:
        """Its answer; `key` is the request's idempotency key. Raises `NotifierAwayError`."""
        if self._place is None:
            raise NotifierAwayError("DARKROOM_NOTIFIER_URL does not say where the notifier is.")
        headers = {TENANT_HEADER: tenant, "content-type": "application/json", **self._known_by}
        if key is not None:
            headers["idempotency-key"] = key
        answer = await self._send(self._place, method, target, headers, body)
        if answer.status == _UNAUTHENTICATED:
            log.error("notifier.refuses_the_api", remedy="set the same DARKROOM_NOTIFIER_TOKEN")
            raise NotifierAwayError("The notifier does not know the api: their tokens differ.")
        said = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
        return Forwarded(
            answer.status, said.get(b"content-type", ""), answer.content, said.get(b"retry-after")
        )

    async def _send(
        self, place: Place, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> httpcore.Response:
        url = httpcore.URL(
            scheme=place.scheme.encode(),
            host=place.host.encode(),
            port=place.port,
            target=target.encode(),
        )
        limits = {"connect": CONNECT_SECONDS, "read": ANSWER_SECONDS, "pool": ANSWER_SECONDS}
        try:
            return await self._pool.request(
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

    async def close(self) -> None:
        """No more questions."""
        await self._pool.aclose()
