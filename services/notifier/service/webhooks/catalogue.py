"""Who wants to hear of what, in memory: each verdict is asked, and nearly always nobody does.

Renewed at once where something was changed, here or (by NOTIFY) in another process, and every other
second for what was missed. The statement that writes what is due looks at the endpoint again, so
what was removed or disabled meanwhile is not sent.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from services.notifier.models import Due, Endpoint, Verdict
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.addresses import AddressRefusedError, read_url
from shared.clock import NewId, derived_id


class EndpointCatalogue:
    """All endpoints, by tenant."""

    def __init__(self, unit_of_work: Callable[[], NotifierUnitOfWork], new_id: NewId) -> None:
        self._unit_of_work = unit_of_work
        self._new_id = new_id
        self._wake: Callable[[], None] | None = None
        self._by_tenant: dict[str, list[Endpoint]] | None = None

    def wakes(self, wake: Callable[[], None]) -> None:
        """Who is to be woken when something is due."""
        self._wake = wake

    def wake(self) -> None:
        """What is due has been written."""
        if self._wake is not None:
            self._wake()

    async def renew(self) -> None:
        """Look at the database again."""
        async with self._unit_of_work() as work:
            work.alone()
            endpoints = await work.endpoints.list_all()
        by_tenant: dict[str, list[Endpoint]] = {}
        for endpoint in endpoints:
            by_tenant.setdefault(endpoint.tenant, []).append(endpoint)
        self._by_tenant = by_tenant

    async def due(self, verdicts: Sequence[Verdict]) -> list[Due]:
        """What is to be sent because of these."""
        if self._by_tenant is None:
            await self.renew()
        by_tenant = self._by_tenant or {}
        due: list[Due] = []
        for verdict in verdicts:
            webhook = getattr(verdict.event.data, "webhook", None)
            if webhook is not None or (by_tenant and verdict.event.tenant in by_tenant):
                due += self._of(verdict, by_tenant.get(verdict.event.tenant, ()))
        return due

    def _of(self, verdict: Verdict, endpoints: Sequence[Endpoint]) -> list[Due]:
        event_type = f"media.{verdict.outcome.value}"
        due = [
            Due(self._new_id(), one.id, one.id, one.url, event_type, verdict)
            for one in endpoints
            if (not one.event_types or event_type in one.event_types)
            and (not one.generators or verdict.generator in one.generators)
        ]
        webhook = getattr(verdict.event.data, "webhook", None)
        if webhook is not None and _wanted(event_type, webhook.events):
            lane = _lane(verdict.event.tenant, webhook.url)
            due.append(Due(self._new_id(), lane, None, webhook.url, event_type, verdict))
        return due


def _wanted(event_type: str, chosen: Sequence[str] | None) -> bool:
    """By its short name (`media.ready`), or by the whole type of the event."""
    return not chosen or event_type in chosen or f"darkroom.{event_type}.v1" in chosen


def _lane(tenant: str, url: str) -> UUID:
    """What goes to one host shares its fate."""
    try:
        host = read_url(url).authority
    except AddressRefusedError:
        host = ""
    return derived_id("webhook", tenant, host)
