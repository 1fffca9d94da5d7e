"""Sending an endpoint nothing more, and telling operators of it."""

from collections.abc import Callable
from uuid import UUID

import structlog

from services.notifier.models import DisabledReason
from services.notifier.service.proposal import SOURCE
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.clock import Clock, derived_id
from shared.events import Origin, WebhookEndpointDisabled, announce

log = structlog.get_logger(__name__)


class Disabling:
    """Disables what is gone, or has failed for too long."""

    def __init__(self, unit_of_work: Callable[[], NotifierUnitOfWork], clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def disable(
        self, tenant: str, endpoint_id: UUID, url: str, reason: DisabledReason
    ) -> None:
        """What waits for it, and what comes, is kept as skipped."""
        now = self._clock.now()
        event = announce(
            WebhookEndpointDisabled(
                endpoint_id=endpoint_id, url=url, reason=reason.value, disabled_at=now
            ),
            source=SOURCE,
            time=now,
            origin=Origin(tenant=tenant),
            event_id=derived_id("webhook-disabled", endpoint_id, now.isoformat()),
        )
        async with self._unit_of_work() as work:
            if not await work.endpoints.disable(endpoint_id, reason):
                return
            await work.outbox.add([event])
        log.warning("webhooks.disabled", endpoint=str(endpoint_id), reason=reason.value)
