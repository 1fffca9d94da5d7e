"""What request headers say: kind of body, idempotency key, how long to wait, where it is from."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from services.api.errors import UnsupportedMediaTypeError
from services.api.models import Caller
from services.api.service.specification import invalid
from shared.errors import FieldError
from shared.events import Origin
from shared.http import PLAIN, is_plain
from shared.observability import new_traceparent

LONGEST_WAIT = 60

_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])', re.IGNORECASE)


class Asked(Protocol):
    """A request, as far as its headers tell: they are looked up in lower case.

    `state` has its `caller`: see `authenticating`.
    """

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def state(self) -> Any: ...


def require_json(request: Asked) -> None:
    """Raises `UnsupportedMediaTypeError` unless the body is said to be JSON."""
    said = request.headers.get("content-type", "")
    if said == "application/json":
        return
    kind = said.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise UnsupportedMediaTypeError(
            f"Send the body with Content-Type: application/json, not {said[:100] or 'without'}."
        )


def idempotency_key(request: Asked) -> str | None:
    """The Idempotency-Key, if one is given: 1 to 255 printable ASCII characters."""
    return _token(request, "Idempotency-Key")


def seconds_to_wait(request: Asked) -> int:
    """How long the client prefers to wait for the end (RFC 7240); 0: not at all."""
    said = request.headers.get("prefer")
    found = _WAIT.search(said) if said else None
    return min(int(found[1]), LONGEST_WAIT) if found else 0


def caller_of(request: Asked) -> Caller:
    """Who asks. Whoever came past the door without being known has no answer at all."""
    caller: Caller = request.state.caller
    return caller


def tenant_of(request: Asked) -> str:
    """Whose request it is."""
    return caller_of(request).tenant


def origin_of(request: Asked) -> Origin:
    """Where the events that this request causes come from."""
    return Origin(
        tenant=tenant_of(request),
        correlationid=_token(request, "X-Correlation-ID"),
        traceparent=new_traceparent(request.headers.get("traceparent")),
    )


def _token(request: Asked, name: str) -> str | None:
    value = request.headers.get(name.lower())
    if value is None:
        return None
    if not is_plain(value):
        raise invalid([FieldError(f"/header/{name}", PLAIN)])
    return value
