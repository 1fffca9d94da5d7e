"""How the client says who asks: an API key, which it sends with every call.

Keys come in headers, so they never stand in an address, nor in what is logged of it.
"""

import os
from collections.abc import Mapping
from typing import Final

from shared.errors import PermanentError

API_KEY: Final = "DARKROOM_API_KEY"
TENANT_HEADER: Final = "X-Darkroom-Tenant"


class BadApiKeyError(PermanentError):
    """This cannot be an API key: it holds something that no key has, a space or a quote for one."""

    code = "bad_api_key"
    title = "Bad API key"


def credentials(
    api_key: str | None, tenant: str | None = None, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The headers of who asks, with the key of the environment where none is given; "": without.

    Raises `BadApiKeyError`, which does not show the key.
    """
    said = environment.get(API_KEY, "") if api_key is None else api_key
    key = said.strip()
    if not all("!" <= letter <= "~" and letter not in "\"'" for letter in key):
        raise BadApiKeyError
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return headers | ({TENANT_HEADER: tenant} if tenant else {})
