"""What a tenant asks about its deliveries: which there are, what became of them, once more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from services.notifier.errors import EndpointDisabledError, NothingToSendError
from services.notifier.models import DeliveryFilter, DeliveryStatus, Standing
from services.notifier.unit_of_work import NotifierUnitOfWork

MOST: Final = 10_000
"""Deliveries that one call sends again."""
SWEEP: Final = 5_000
_STATUSES: Final = {
    "failed": (DeliveryStatus.FAILED.value,),
    "skipped": (DeliveryStatus.SKIPPED.value,),
    "all": tuple(one.value for one in DeliveryStatus if one is not DeliveryStatus.PENDING),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """A delivery and the calls that were made."""

    delivery: Any
    attempts: Sequence[Any]


class DeliveryService:
    """Deliveries of tenants; `wake` has them sent without waiting."""

    def __init__(
        self,
        unit_of_work: Callable[[], NotifierUnitOfWork],
        wake: Callable[[], None],
        retention_days: int,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._wake = wake
        self._retention_days = retention_days

    async def list(
        self, tenant: str, wanted: DeliveryFilter, before: UUID | None, limit: int
    ) -> tuple[list[Any], bool]:
        """A page, the newest first, and whether there are more."""
        async with self._unit_of_work() as work:
            found = await work.delivery_log.list_by_tenant(tenant, wanted, before, limit + 1)
        return found[:limit], len(found) > limit

    async def get(self, tenant: str, delivery_id: UUID) -> Looked:
        """One. Raises `DeliveryNotFoundError`."""
        async with self._unit_of_work() as work:
            delivery = await work.delivery_log.get(tenant, delivery_id)
            return Looked(delivery, await work.delivery_log.list_attempts(delivery_id))

    async def replay(self, tenant: str, delivery_id: UUID) -> Looked:
        """Send it again, with the id that it has.

        Raises `DeliveryNotFoundError`, `EndpointDisabledError`, `NothingToSendError`.
        """
        async with self._unit_of_work() as work:
            delivery = await work.delivery_log.get(tenant, delivery_id)
            if delivery.disabled:
                raise EndpointDisabledError(
                    f"The endpoint {delivery.endpoint_id} is disabled: enable it first."
                )
            if not delivery.body:
                raise NothingToSendError
            await work.delivery_log.replay(tenant, delivery_id, delivery.endpoint_id)
        self._wake()
        return await self.get(tenant, delivery_id)

    async def replay_many(
        self,
        tenant: str,
        status: str,
        endpoint_id: UUID | None,
        since: datetime | None,
        until: datetime | None,
    ) -> tuple[int, bool]:
        """Send those again, the oldest first. Answers how many, and whether there may be more.

        What one call has taken is pending, so that the next finds others. Where everything is
        asked for, what is delivered again is found again: take periods instead.
        """
        async with self._unit_of_work() as work:
            if endpoint_id is not None:
                endpoint = await work.endpoints.get(tenant, endpoint_id)
                if not endpoint.enabled:
                    raise EndpointDisabledError(
                        f"The endpoint {endpoint_id} is disabled: enable it first."
                    )
            replayed = await work.delivery_log.replay_many(
                tenant,
                _STATUSES[status],
                endpoint_id=endpoint_id,
                since=since,
                until=until,
                limit=MOST,
            )
        self._wake()
        return replayed, replayed == MOST

    async def standing(self) -> Standing:
        """How the queue stands."""
        async with self._unit_of_work() as work:
            work.alone()
            return await work.deliveries.standing()

    async def keep_house(self) -> None:
        """Forget what is old; keep as skipped what was left to disabled endpoints."""
        async with self._unit_of_work() as work:
            await work.endpoints.skip_left()
            forgotten = await work.deliveries.sweep(self._retention_days, SWEEP)
        if forgotten:
            log.info("webhooks.forgotten", deliveries=forgotten)
