"""Webhooks of the in-memory Darkroom: signed like real ones, and sent when a test says so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from shared.events import CloudEvent, encode
from shared.events.routing import stem
from shared.webhooks import sign

USER_AGENT = "darkroom-in-memory"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that hears how jobs end; no `events`: all of them."""

    url: str
    events: tuple[str, ...] = ()

    def wants(self, event: CloudEvent) -> bool:
        return not self.events or stem(event.type) in self.events


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """One call that is due: send it with the test client of your application, or have it sent."""

    url: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, url: str, event: CloudEvent, secret: str, now: datetime) -> "WebhookCall":
        body, timestamp = encode(event), int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "webhook-id": event.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(secret, event.id, timestamp, body),
        }
        return cls(url, headers, body)

    @property
    def event_type(self) -> str:
        """`darkroom.media.ready.v1`, …"""
        return str(json.loads(self.body)["type"])


async def deliver(
    calls: Sequence[WebhookCall], transport: httpx.AsyncBaseTransport | None
) -> list[httpx.Response]:
    """What each was answered, in order; like the real ones they follow no redirects."""
    async with httpx.AsyncClient(transport=transport) as http:
        return [
            await http.post(call.url, content=call.body, headers=call.headers) for call in calls
        ]
