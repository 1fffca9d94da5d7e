"""Every SQL statement of the notifier, on an open transaction.

Who waits for whom: rows of `pending_end` are locked before verdicts are written, both in the order
of their keys, and a verdict skips the pending rows that others hold. Of webhooks the delivery comes
before its lane, and that before the endpoint; whoever holds an endpoint skips the deliveries that
others hold. So nobody waits in a circle.
"""

from services.notifier.repository.deliveries import DeliveryRepository
from services.notifier.repository.delivery_log import DeliveryLogRepository
from services.notifier.repository.endpoints import EndpointRepository
from services.notifier.repository.pending_ends import PendingEndRepository
from services.notifier.repository.verdicts import VerdictRepository

__all__ = [
    "DeliveryLogRepository",
    "DeliveryRepository",
    "EndpointRepository",
    "PendingEndRepository",
    "VerdictRepository",
]
