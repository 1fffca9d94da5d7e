"""Every SQL statement of the notifier, on an open transaction.

Who waits for whom: rows of `pending_end` are locked before verdicts are written, both in the order
of their keys, and a verdict skips the pending rows that others hold. So nobody waits in a circle.
"""

from services.notifier.repository.pending_ends import PendingEndRepository
from services.notifier.repository.verdicts import VerdictRepository

__all__ = ["PendingEndRepository", "VerdictRepository"]
