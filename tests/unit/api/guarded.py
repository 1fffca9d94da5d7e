"""The api with its keys needed, for tests: who holds which key, and how to ask with it."""

from collections.abc import Collection
from datetime import timedelta

from services.api.models import OPERATOR, ApiKey, Scope
from services.api.service import ApiServices
from services.api.service.keys import WantedKey

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
