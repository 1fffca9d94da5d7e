"""The calls about limits: `darkroom.limits.get()`, `.change("shop", jobs=Rate.parse("60/h"))`, …"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, TypedDict, Unpack
from urllib.parse import quote

from shared.client.models import Answer
from shared.client.reading import read
from shared.client.transport import ApiTransport
from shared.rate import Rate

PATH: Final = "/v1/limits"


class RateLimit(Answer):
    """So many at once, coming back evenly within so many seconds; `left` right now."""

    quota: int
    seconds: int
    left: int

    @property
    def rate(self) -> Rate:
        """The limit alone."""
        return Rate(self.quota, self.seconds)


class Quota(Answer):
    """How much there may be at once (None: as much as there is), and how much there is."""

    limit: int | None = None
    used: int = 0


class Limits(Answer):
    """What a tenant may, and how that stands; a rate that is None has no limit."""

    tenant: str
    requests: RateLimit | None = None
    jobs: RateLimit | None = None
    queued_jobs: Quota = Quota()
    uploads: Quota = Quota()
    upload_bytes: Quota = Quota()
    streams: Quota = Quota()
    exceptions: tuple[str, ...] = ()
    """What is not as the settings say."""

    @property
    def said(self) -> dict[str, Any]:
        """The exceptions with their values, as `change` takes them."""
        found = {name: getattr(self, name) for name in self.exceptions}
        return {
            name: one.limit if isinstance(one, Quota) else one and one.rate
            for name, one in found.items()
        }


class LimitChanges(TypedDict, total=False):
    """What holds for a tenant in place of the settings; None: no limit."""

    requests: Rate | None
    jobs: Rate | None
    queued_jobs: int | None
    uploads: int | None
    upload_bytes: int | None
    streams: int | None


class TenantLimits:
    """What tenants may. One's own can be seen by all; for others the key needs `operate`."""

    def __init__(self, api: ApiTransport) -> None:
        self._api = api

    async def get(self, tenant: str | None = None) -> Limits:
        """One's own limits, or a tenant's."""
        return read(Limits, await self._api.call("GET", PATH if tenant is None else _of(tenant)))

    async def change(self, tenant: str, **limits: Unpack[LimitChanges]) -> Limits:
        """These hold for the tenant, in place of all that was said before, at once and everywhere.

        What is left out is as the settings say; None is no limit.
        """
        return read(Limits, await self._api.call("PUT", _of(tenant), json=_json(limits)))

    async def reset(self, tenant: str) -> None:
        """The settings hold for the tenant again."""
        await self._api.call("DELETE", _of(tenant))

    async def tenants(self) -> tuple[str, ...]:
        """Those that have limits of their own."""
        answer = await self._api.call("GET", "/v1/limited-tenants")
        return read(dict[str, tuple[str, ...]], answer)["tenants"]


def _of(tenant: str) -> str:
    return f"{PATH}/{quote(tenant, safe='')}"


def _json(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: asdict(value) if isinstance(value, Rate) else value for name, value in limits.items()
    }
