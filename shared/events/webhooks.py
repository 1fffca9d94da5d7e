"""What operators hear of webhooks."""

from typing import ClassVar
from uuid import UUID

from shared.events.parts import Message, Timestamp


class WebhookEndpointDisabled(Message):
    """Nothing more is sent to this endpoint: it is gone, or has failed for too long."""

    type_name: ClassVar[str] = "darkroom.webhook.endpoint_disabled.v1"
    endpoint_id: UUID
    url: str
    reason: str
    disabled_at: Timestamp
