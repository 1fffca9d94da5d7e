"""Who calls, as the headers say it, on both ways into the api.

Neighbours: `authenticating` asks before the framework, `direct` before the answers past it. With
`DARKROOM_AUTH=off` everybody is let in.
"""

import asyncio
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import Response

from services.api.errors import UnauthenticatedError
from services.api.models import ANYBODY, Caller, Scope
from services.api.service.access import AccessService
from services.api.service.keys import require
from services.api.service.specification import invalid
from shared.errors import FieldError
from shared.events.envelope import TENANT_PATTERN
from shared.http import DirectRequest
from shared.http.direct import Answer
from shared.webhooks.models import TENANT_HEADER

TENANT: Final = re.compile(TENANT_PATTERN)
_HOW: Final = "send `Authorization: Bearer dk_…`"


class Door:
    """Says who calls; without `access` everybody may do everything."""

    def __init__(self, access: AccessService | None = None) -> None:
        self._access = access

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who sent these. Raises `UnauthenticatedError`, `ScopeMissingError`."""
        caller = ANYBODY
        if self._access is not None:
            caller = await self._access.by_secret(_token(headers.get("authorization")))
        acting_for = headers.get(TENANT_HEADER)
        return caller if acting_for is None else _acting(caller, acting_for)

    def direct(self, answer: Answer) -> Answer:
        """The same answer, for those who are known."""

        async def admitted(request: DirectRequest) -> Response:
            vars(request.state).update(noted(await self.caller(request.headers)))
            return await answer(request)

        return admitted

    def watching(self, caller: Caller, limit: asyncio.Timeout) -> AbstractContextManager[None]:
        """Meanwhile the limit is over as soon as the caller's key counts no more."""
        now = asyncio.get_running_loop().time
        assert self._access is not None, "nobody has a key that could be lost"

        def lost() -> None:
            if not limit.expired():  # or somebody was told before and is still on his way out
                limit.reschedule(now())

        return self._access.watching(caller, lost)


def noted(caller: Caller) -> dict[str, Any]:
    """What is known of a request from here on; the log tells `who` it was, where that says more."""
    if caller is ANYBODY:
        return {"caller": caller}
    return {"caller": caller, "who": {"tenant": caller.tenant, "by": caller.signature}}


def single(headers: Headers) -> Headers:
    """The headers, where none of those that count here is said twice."""
    for name in ("authorization", TENANT_HEADER):
        if len(headers.getlist(name)) > 1:
            raise UnauthenticatedError(f"The header {name} is there more than once.")
    return headers


def _token(said: str | None) -> str:
    """What follows `Bearer` (RFC 6750, in any case: RFC 9110, 11.1)."""
    if said is None:
        raise UnauthenticatedError(f"This needs a key: {_HOW}.")
    scheme, _, token = said.partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthenticatedError(f"The header Authorization has to begin with Bearer: {_HOW}.")
    return token.strip(" ")


def _acting(caller: Caller, tenant: str) -> Caller:
    """The caller, speaking for another tenant. Raises `ScopeMissingError`."""
    if tenant == caller.tenant:
        return caller
    require(caller, Scope.OPERATE, f"Another tenant in {TENANT_HEADER}")
    if not TENANT.fullmatch(tenant):
        message = "has to be 1 to 64 letters, digits, `_`, `.` or `-`"
        raise invalid([FieldError(f"/header/{TENANT_HEADER}", message)])
    return replace(caller, tenant=tenant)
