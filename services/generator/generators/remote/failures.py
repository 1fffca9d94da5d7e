"""What an answer that is no success means: the class of the error, and the provider's own words.

An answer says what became of the request, but for those that a gateway gives in place of the server
behind it: after these it may have been carried out.
"""

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from services.generator.generators.remote.errors import (
    AnswerLostError,
    ProviderAccessError,
    ProviderLimitedError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from services.generator.generators.remote.retry_after import retry_after
from shared.errors import DarkroomError

_LONGEST: Final = 300
_REJECTED: Final = frozenset({400, 406, 411, 413, 414, 415, 422, 451})
_UNAVAILABLE: Final = frozenset({408, 409, 425, 500, 503, 529})
_GATEWAY: Final = frozenset({502, 504, 520, 521, 522, 523, 524})
_SPENT: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


def failure_of(name: str, status: int, headers: httpx.Headers, body: bytes) -> DarkroomError:
    """The error that an answer of the provider `name` means.

    What it says of an account (parts of keys, names of owners) is for the log, not for users.
    """
    said = words(body)
    detail = f"The provider {name} answered {status}{f': {said}' if said else '.'}"
    wait = retry_after(headers.get("retry-after"), datetime.now(UTC))
    if status == 429 and not _is_spent(body):
        return ProviderLimitedError(detail, retry_after=wait)
    if status in _REJECTED:
        return ProviderRejectedError(detail)
    if status in _UNAVAILABLE:
        return ProviderUnavailableError(detail, retry_after=wait)
    if status in _GATEWAY or (status >= 500 and status != 501):
        return AnswerLostError(detail, retry_after=wait)
    return ProviderAccessError(
        f"The provider {name} answered {status}: its operator has to look at the account.",
        extra={"said": said},
    )


def failure_to_ask(name: str, error: httpx.TransportError | httpx.InvalidURL) -> DarkroomError:
    """The error that means that there was no answer."""
    if isinstance(error, (*_NEVER_SENT, httpx.InvalidURL)):
        return ProviderUnavailableError(f"The provider {name} cannot be reached.")
    kind = "in time" if isinstance(error, httpx.TimeoutException) else "to the end"
    return AnswerLostError(f"The provider {name} did not answer {kind}.")


def words(body: bytes) -> str:
    """What the provider says in an error: one line, cut; nothing where it does not speak JSON."""
    return clipped(_said(_parsed(body)) or "")


def clipped(text: str) -> str:
    """Somebody else's words, fit for a line of ours."""
    spaced = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    line = re.sub(r"\s+", " ", spaced).strip()
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _is_spent(body: bytes) -> bool:
    """Whether "too many requests" means that there is no money left: waiting does not help."""
    match _parsed(body):
        case {"error": {"code": str(code)}}:
            return code in _SPENT
    return False


def _said(answer: Any) -> str | None:
    """The places where APIs put their words."""
    match answer:
        case str():
            return answer
        case {"error": {"message": str(message)}} | {"detail": str(message)}:
            return message
        case {"error": str(message)} | {"message": str(message)} | {"title": str(message)}:
            return message
        case {"detail": [*problems]}:
            return "; ".join(filter(None, map(_said, problems)))
        case {"msg": str(message)}:
            return message
    return None
