"""The calls about webhooks: `darkroom.webhooks.add(url)`, `.deliveries()`, `.replay(id)`, …

Receivers verify what comes with `verify_webhook(secret, headers, body)`.
"""

import uuid
from datetime import datetime
from typing import Any, Final, Literal

from shared.client.models import Page
from shared.client.reading import given, read
from shared.client.transport import ApiTransport
from shared.webhooks import verify_webhook
from shared.webhooks.models import (
    NewWebhookEndpoint,
    WebhookDelivery,
    WebhookDeliveryDetail,
    WebhookEndpoint,
    WebhookReplay,
    WebhookSecret,
    WebhookTest,
)

__all__ = ["Webhooks", "verify_webhook"]

PATH: Final = "/v1/webhooks"
Id = uuid.UUID | str
Which = Literal["failed", "skipped", "all"]


class Webhooks:
    """Who is called when jobs end, and what became of it."""

    def __init__(self, api: ApiTransport) -> None:
        self._api = api

    async def add(
        self, url: str, /, *, idempotency_key: str | None = None, **options: Any
    ) -> NewWebhookEndpoint:
        """A new endpoint, with its secret; with the same key for a day the same one.

        `options`: `description`, `event_types`, `generators`, `ordered`, `enabled`.
        """
        body = {"url": url, **given(options)}
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        answer = await self._api.call("POST", f"{PATH}/endpoints", json=body, headers=headers)
        return read(NewWebhookEndpoint, answer)

    async def list(self) -> tuple[WebhookEndpoint, ...]:
        """All of them, the oldest first."""
        return read(Page[WebhookEndpoint], await self._api.call("GET", f"{PATH}/endpoints")).items

    async def get(self, endpoint_id: Id) -> WebhookEndpoint:
        """One endpoint."""
        return read(WebhookEndpoint, await self._api.call("GET", _endpoint(endpoint_id)))

    async def update(self, endpoint_id: Id, /, **changes: Any) -> WebhookEndpoint:
        """Make it different: `url`, `enabled`, and the options of `add`."""
        answer = await self._api.call("PATCH", _endpoint(endpoint_id), json=given(changes))
        return read(WebhookEndpoint, answer)

    async def remove(self, endpoint_id: Id) -> None:
        """Remove it and its log."""
        await self._api.call("DELETE", _endpoint(endpoint_id))

    async def secret(self, endpoint_id: Id | None = None) -> WebhookSecret:
        """What its calls are signed with; without an id: those to addresses in requests."""
        where = f"{_endpoint(endpoint_id)}/secret" if endpoint_id else f"{PATH}/secret"
        return read(WebhookSecret, await self._api.call("GET", where))

    async def rotate_secret(self, endpoint_id: Id | None = None) -> WebhookSecret:
        """A new secret; for 24 hours calls are signed with the old one too."""
        whose = _endpoint(endpoint_id) if endpoint_id else PATH
        return read(WebhookSecret, await self._api.call("POST", f"{whose}/rotate-secret"))

    async def test(self, endpoint_id: Id) -> WebhookTest:
        """Send a sample now, and hear what was answered."""
        return read(WebhookTest, await self._api.call("POST", f"{_endpoint(endpoint_id)}/test"))

    async def deliveries(
        self,
        *,
        endpoint: Id | None = None,
        status: str | None = None,
        job: Id | None = None,
        since: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[WebhookDelivery]:
        """A page of what was to be sent, the newest first."""
        query = given(
            {
                "endpoint": str(endpoint) if endpoint else None,
                "status": status,
                "job": str(job) if job else None,
                "since": since.isoformat() if since else None,
                "limit": limit,
                "cursor": cursor,
            }
        )
        answer = await self._api.call("GET", f"{PATH}/deliveries", params=query)
        return read(Page[WebhookDelivery], answer)

    async def delivery(self, delivery_id: Id) -> WebhookDeliveryDetail:
        """One, with every call that was made."""
        answer = await self._api.call("GET", f"{PATH}/deliveries/{delivery_id}")
        return read(WebhookDeliveryDetail, answer)

    async def replay(self, delivery_id: Id) -> WebhookDeliveryDetail:
        """Send it again, with its id."""
        answer = await self._api.call("POST", f"{PATH}/deliveries/{delivery_id}/replay")
        return read(WebhookDeliveryDetail, answer)

    async def replay_many(
        self,
        status: Which = "failed",
        *,
        endpoint: Id | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> WebhookReplay:
        """Send those again, up to 10,000 in one call, the oldest first."""
        body: dict[str, Any] = {
            "status": status,
            "endpoint": str(endpoint) if endpoint else None,
            "since": since.isoformat() if since else None,
            "until": until.isoformat() if until else None,
        }
        answer = await self._api.call("POST", f"{PATH}/replay", json=given(body))
        return read(WebhookReplay, answer)


def _endpoint(endpoint_id: Id) -> str:
    return f"{PATH}/endpoints/{endpoint_id}"
