"""What holds for whom: the settings, and exceptions for single tenants.

In memory, for every request asks. Renewed at once where something was changed, here or (by NOTIFY)
in another process, and every few seconds for what was missed. Neighbours: `rates` and `uploads`
keep to it, `limit_book` shows and changes it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.api.models import TenantLimits
from services.api.unit_of_work import OpenUnitOfWork

RENEW_EVERY = timedelta(seconds=10)


class LimitCatalogue:
    """The limits of all tenants. `changes` counts how often any has changed."""

    def __init__(self, unit_of_work: OpenUnitOfWork, defaults: TenantLimits) -> None:
        self._unit_of_work = unit_of_work
        self._defaults = defaults
        self._said: Mapping[str, Mapping[str, Any]] = {}
        self._exceptions: dict[str, TenantLimits] = {}
        self.changes = 0

    def of(self, tenant: str) -> TenantLimits:
        """What holds for the tenant."""
        return self._exceptions.get(tenant, self._defaults)

    def said_of(self, tenant: str) -> Mapping[str, Any]:
        """What is an exception, by its name; nothing where the settings hold."""
        return self._said.get(tenant, {})

    def exceptional(self) -> list[str]:
        """The tenants that have exceptions."""
        return sorted(self._said)

    async def renew(self) -> None:
        """Look at the database again."""
        async with self._unit_of_work() as work:
            work.alone()
            said = await work.limits.exceptions()
        if said != self._said:
            self._said = said
            self._exceptions = {name: self._defaults.but(one) for name, one in said.items()}
            self.changes += 1
