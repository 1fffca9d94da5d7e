"""The little HTTP the supervisor needs, from the standard library: it should start at once."""

import base64
import urllib.error
import urllib.request
from urllib.parse import unquote, urlsplit


def get(url: str, timeout: float, *, bearer: str | None = None) -> tuple[int, str]:
    """Status and body, also of an error answer; raises OSError when nobody answers."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return _send(urllib.request.Request(url, headers=headers), timeout)  # noqa: S310


def post_json(url: str, body: bytes, timeout: float) -> tuple[int, str]:
    """The same for a POST; a name and password in the URL become basic authentication."""
    address = urlsplit(url)
    login = f"{unquote(address.username or '')}:{unquote(address.password or '')}"
    headers = {
        "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
        "Content-Type": "application/json",
    }
    target = f"{address.scheme}://{address.hostname}:{address.port}{address.path}"
    return _send(urllib.request.Request(target, body, headers), timeout)  # noqa: S310


def _send(request: urllib.request.Request, timeout: float) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
