"""RabbitMQ's management HTTP API: what a broker has, and giving it what it lacks.

Speaks in definitions documents, the same as `definitions` makes. Used by `darkroom topology`.
"""

from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

import httpx

from deploy.rabbitmq.definitions import VHOST
from shared.errors import PermanentError, RetryableError

_KINDS = ("exchanges", "queues", "bindings", "policies")


class ManagementUnavailableError(RetryableError):
    """Nobody answers at the address of the management API."""

    code = "management_unavailable"
    title = "Management API unavailable"


class ManagementRefusedError(PermanentError):
    """The management API said no."""

    code = "management_refused"
    title = "Management API refused"


class ManagementApi:
    """Use as `with ManagementApi(url) as broker:`; the URL carries name and password."""

    def __init__(
        self, url: str, *, vhost: str = VHOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        self._address = f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
        self._user = unquote(parts.username or "guest")
        self._vhost = quote(vhost, safe="")
        self._http = httpx.Client(
            base_url=self._address,
            auth=(self._user, unquote(parts.password or "guest")),
            transport=transport,
            timeout=30,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    @property
    def address(self) -> str:
        """Where it is, without name and password."""
        return self._address

    def definitions(self) -> dict[str, list[dict[str, Any]]]:
        """What the vhost has: exchanges, queues, bindings and policies. Needs an administrator."""
        answer = self._call("GET", f"/api/definitions/{self._vhost}").json()
        return {kind: list(answer.get(kind, ())) for kind in _KINDS}

    def apply(self, document: dict[str, Any]) -> None:
        """Make what is missing and set policies; what exists with other arguments is left alone."""
        wanted = {kind: document[kind] for kind in _KINDS}
        self._call("POST", f"/api/definitions/{self._vhost}", json=wanted)

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise ManagementUnavailableError(
                f"RabbitMQ's management API at {self._address} does not answer: {reason}"
            ) from error
        if response.status_code in (401, 403):
            raise ManagementRefusedError(
                f"RabbitMQ's user {self._user!r} may not do this: it takes an administrator"
            )
        if response.is_error:
            raise ManagementRefusedError(
                f"RabbitMQ answered {response.status_code} to {method} {path}: "
                f"{response.text[:500]}"
            )
        return response
