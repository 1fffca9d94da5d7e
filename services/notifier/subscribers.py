"""The notifier's queue: how jobs ended."""

from collections.abc import Sequence

import structlog

from services.notifier.service import NotificationService
from shared.events import CloudEvent
from shared.messaging import topology
from shared.messaging.publisher import PublishesMany
from shared.messaging.subscriber import BatchSubscriber, read_event
from shared.observability import wide_event

log = structlog.get_logger(__name__)


def outcomes_subscriber(
    service: NotificationService, publisher: PublishesMany
) -> BatchSubscriber[CloudEvent]:
    """Decides by what the generators say of jobs' ends, and the api of wishes that they end."""

    async def decide(heard: Sequence[CloudEvent]) -> None:
        with wide_event(log, "outcomes.decided", outcomes=len(heard)) as line:
            line["verdicts"] = len(await service.decide(heard))

    return BatchSubscriber(topology.NOTIFIER_OUTCOMES, decide, read_event, publisher=publisher)
