"""Is there a key where one is wanted, and is it good? Asked of the API that `darkroom` talks to."""

import json
from collections.abc import Iterator

from deploy.local.access import refuse_open_door
from deploy.local.errors import LocalStackError
from deploy.local.finding import Finding
from deploy.local.http import get
from deploy.local.settings import LocalSettings
from deploy.local.stack import read_stack
from shared.client.credentials import API_KEY, BadApiKeyError, credentials

_ANSWERS_WITHIN = 5.0
_UNAUTHENTICATED = 401
_REMEDY = "darkroom keys create, by an operator; then: export DARKROOM_API_KEY=…"


def access_findings(settings: LocalSettings) -> Iterator[Finding]:
    """Whether the stack would start where it is to listen, and whether its API takes the key."""
    try:
        refuse_open_door(settings)
    except LocalStackError as error:
        yield Finding("address", False, error.detail)
    running = read_stack(settings.home)
    if settings.api_url:
        yield _finding(settings.api_url, settings.api_key)
    elif running:
        yield _finding(running.api, settings.api_key or running.api_key)


def _finding(url: str, key: str | None) -> Finding:
    try:
        refusal = _refusal(url, None)
        if refusal is None:
            return Finding("key", True, f"the API at {url} wants none")
        if not key:
            return Finding("key", False, f"the API at {url} wants one", _REMEDY)
        refusal = _refusal(url, key)
    except BadApiKeyError as error:
        return Finding("key", False, f"{API_KEY}: {error.detail}", _REMEDY)
    except (OSError, ValueError) as error:
        return Finding("api", False, f"nobody answers at {url}: {error}", "see DARKROOM_API_URL")
    if refusal is None:
        return Finding("key", True, f"the API at {url} takes it")
    return Finding("key", False, f"the API at {url} refuses it: {refusal}", _REMEDY)


def _refusal(url: str, key: str | None) -> str | None:
    """Why the API answers nothing to this key; what a key may do is another question."""
    said = credentials(key or "").get("Authorization", "").removeprefix("Bearer ")
    address = f"{url.rstrip('/')}/v1/media?limit=1"
    status, body = get(address, _ANSWERS_WITHIN, bearer=said or None)
    if status != _UNAUTHENTICATED:
        return None
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, LookupError, TypeError):
        return "401"
