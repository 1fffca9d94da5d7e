"""The api with its keys needed, for tests: who holds which key, how to ask, how one is refused."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import httpx

from services.api.models import OPERATOR, ApiKey, Scope
from services.api.service import ApiServices
from services.api.service.keys import WantedKey
from tests.unit.api.builders import CARD

REQUEST = {"generator": "card", "input": CARD}
UNKNOWN = f"dk_{'0' * 32}_{'0' * 64}"
SOME_JOB = "/v1/media/01900000-0000-7000-8000-000000000000"
FIRST_KEY = "the-key-of-the-settings-long-enough"


async def a_key(
    services: ApiServices,
    *scopes: Scope | str,
    tenant: str = "shop",
    lasting: timedelta | None = None,
) -> tuple[ApiKey, dict[str, str]]:
    """A new key with these scopes, and the header that says it."""
    wanted = WantedKey("app", _scopes(scopes), tenant, lasting)
    key, token = await services.keys.create(OPERATOR, wanted)
    return key, bearer(str(token))


def bearer(token: str) -> dict[str, str]:
    """The header that says it."""
    return {"authorization": f"Bearer {token}"}


def _scopes(names: Collection[Scope | str]) -> frozenset[Scope]:
    return frozenset(map(Scope, names)) or frozenset(Scope)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """That it was refused in this way; the problem."""
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("www-authenticate" in answer.headers) is (status == 401)
    return told
