"""Every operation of the api, and what it is to a stranger. A new one needs a line here."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

NEW_KEY: Final = {"name": "more", "scopes": ["media:read"]}
NOOP: Final = {"generator": "noop", "input": {}}
ENDPOINT: Final = {"url": "https://example.org/hooks"}
SINCE: Final = {"since": "2026-01-01T00:00:00Z"}


@dataclass(frozen=True, slots=True)
class Visit:
    """How to ask. `of`: what of a tenant's the path names; `lists`: what it lists."""

    of: str | None = None
    lists: str | None = None
    json: Any = None
    content: bytes | None = None

    def ask(self, path: str, things: dict[str, str]) -> tuple[str, dict[str, Any]]:
        """The path with its names filled in, and what to send along."""
        names = {
            "index": "0",
            "name": "noop",
            "tenant": "somebody",
            "letter_id": str(uuid4()),
            **({NAMES[self.of]: things[self.of]} if self.of else {}),
        }
        body = {"json": self.json} if self.json is not None else {"content": self.content or b""}
        return path.format(**names), body


NAMES: Final = {
    "job": "job_id",
    "failed": "job_id",
    "upload": "upload_id",
    "key": "key_id",
    "endpoint": "endpoint_id",
    "delivery": "delivery_id",
}
PLAIN: Final = Visit()
WALK: Final[dict[str, Visit]] = {
    "POST /v1/media": Visit(json=NOOP),
    "GET /v1/media": Visit(lists="job"),
    "POST /v1/media/batch": Visit(json={"requests": [NOOP]}),
    "GET /v1/media/deleted": Visit(lists="deleted"),
    "GET /v1/media/{job_id}": Visit(of="job"),
    "DELETE /v1/media/{job_id}": Visit(of="job"),
    "POST /v1/media/{job_id}/cancel": Visit(of="job"),
    "POST /v1/media/{job_id}/retry": Visit(of="failed"),
    "POST /v1/media/{job_id}/reconcile": Visit(of="job", json={"resolution": "resubmit"}),
    "GET /v1/media/{job_id}/content": Visit(of="job"),
    "GET /v1/media/{job_id}/assets/{index}": Visit(of="job"),
    "GET /v1/media/{job_id}/events": Visit(of="job"),
    "GET /v1/events": PLAIN,
    "POST /v1/uploads": Visit(content=b"a,b\n"),
    "GET /v1/uploads": Visit(lists="upload"),
    "GET /v1/uploads/{upload_id}": Visit(of="upload"),
    "DELETE /v1/uploads/{upload_id}": Visit(of="upload"),
    "GET /v1/uploads/{upload_id}/content": Visit(of="upload"),
    "GET /v1/generators": PLAIN,
    "GET /v1/generators/{name}": PLAIN,
    "POST /v1/generators/pause": PLAIN,
    "POST /v1/generators/resume": PLAIN,
    "POST /v1/generators/{name}/pause": PLAIN,
    "POST /v1/generators/{name}/resume": PLAIN,
    "GET /v1/budget": PLAIN,
    "PUT /v1/budget": Visit(json={"limit": 25}),
    "GET /v1/limits": PLAIN,
    "GET /v1/limited-tenants": PLAIN,
    "GET /v1/limits/{tenant}": PLAIN,
    "PUT /v1/limits/{tenant}": Visit(json={}),
    "DELETE /v1/limits/{tenant}": PLAIN,
    "POST /v1/store/collect": PLAIN,
    "GET /v1/dead-letters": PLAIN,
    "GET /v1/dead-letters/groups": PLAIN,
    "GET /v1/dead-letters/{letter_id}": PLAIN,
    "DELETE /v1/dead-letters/{letter_id}": PLAIN,
    "POST /v1/dead-letters/{letter_id}/replay": PLAIN,
    "POST /v1/dead-letters/replay": Visit(json={"queue": "none"}),
    "POST /v1/dead-letters/purge": Visit(json={"queue": "none"}),
    "POST /v1/keys": Visit(json=NEW_KEY),
    "GET /v1/keys": Visit(lists="key"),
    "GET /v1/keys/{key_id}": Visit(of="key"),
    "DELETE /v1/keys/{key_id}": Visit(of="key"),
    "GET /v1/webhooks/deliveries": Visit(lists="delivery"),
    "GET /v1/webhooks/deliveries/{delivery_id}": Visit(of="delivery"),
    "POST /v1/webhooks/deliveries/{delivery_id}/replay": Visit(of="delivery"),
    "POST /v1/webhooks/endpoints": Visit(json=ENDPOINT),
    "GET /v1/webhooks/endpoints": Visit(lists="endpoint"),
    "GET /v1/webhooks/endpoints/{endpoint_id}": Visit(of="endpoint"),
    "PATCH /v1/webhooks/endpoints/{endpoint_id}": Visit(of="endpoint", json={"enabled": False}),
    "DELETE /v1/webhooks/endpoints/{endpoint_id}": Visit(of="endpoint"),
    "GET /v1/webhooks/endpoints/{endpoint_id}/secret": Visit(of="endpoint"),
    "POST /v1/webhooks/endpoints/{endpoint_id}/rotate-secret": Visit(of="endpoint"),
    "POST /v1/webhooks/endpoints/{endpoint_id}/test": Visit(of="endpoint"),
    "GET /v1/webhooks/secret": PLAIN,
    "POST /v1/webhooks/rotate-secret": PLAIN,
    "POST /v1/webhooks/replay": Visit(json=SINCE),
}
