"""The arbiter of the last word: the first outcome of a job decides, later ones change nothing.

`notification` decides by what is heard, `closing` by what is not; both give verdicts the same way,
made by `proposal`.
"""

from services.notifier.service.attention import Attention
from services.notifier.service.closing import ClosingService
from services.notifier.service.notification import NotificationService

__all__ = ["Attention", "ClosingService", "NotificationService"]
