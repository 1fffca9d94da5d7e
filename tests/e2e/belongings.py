"""What tenants have in the walk over all operations: one of everything, and the keys to it."""

from collections.abc import Collection
from typing import Any, Final

import httpx

from shared.testing import eventually_sync
from shared.testing.webhook_receiver import WebhookReceiver

SCOPES: Final = (
    "media:read",
    "media:write",
    "webhooks:read",
    "webhooks:write",
    "keys",
    "operate",
)
ALL_BUT_OPERATE: Final = SCOPES[:-1]
Json = dict[str, Any]


class Tenant:
    """Somebody with one of everything, and who asks with a key of theirs. To be closed."""

    def __init__(self, operator: httpx.Client, name: str) -> None:
        self._operator = operator
        self.name = name
        self.things: dict[str, str] = {}
        self._clients: list[httpx.Client] = []
        self.http = self.client(ALL_BUT_OPERATE)

    def client(self, scopes: Collection[str]) -> httpx.Client:
        """Asks with a new key that allows this."""
        wanted = {"name": "walk", "tenant": self.name, "scopes": list(scopes)}
        made = self._operator.post("/v1/keys", json=wanted).raise_for_status().json()
        self.things.setdefault("key", made["id"])
        headers = {"authorization": f"Bearer {made['key']}"}
        client = httpx.Client(base_url=self._operator.base_url, headers=headers, timeout=60)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Nobody asks any more."""
        for client in self._clients:
            client.close()

    def acquire(self, receiver: WebhookReceiver) -> None:
        """One of everything: a job that is ready, one that failed, one deleted, and the rest."""
        upload = self.asked("POST", "/v1/uploads?filename=a.csv", content=b"a,b\n1,2\n")
        self.things["upload"] = upload["id"]
        endpoint = self.asked("POST", "/v1/webhooks/endpoints", json={"url": receiver.url})
        self.things["endpoint"] = endpoint["id"]
        self.things["job"] = self.made("noop", {"payload": self.name})["id"]
        self.things["failed"] = self.made("flaky", {"permanent_rate": 1})["id"]
        self.things["deleted"] = self.made("noop", {})["id"]
        self.things["delivery"] = eventually_sync(self._delivered, timeout=30)
        self.http.delete(f"/v1/media/{self.things['deleted']}").raise_for_status()

    def made(self, generator: str, input: Json, **more: Any) -> Json:
        """A job that has ended."""
        wanted = {"generator": generator, "input": input, **more}
        return self.asked("POST", "/v1/media", json=wanted, headers={"prefer": "wait=30"})

    def asked(self, method: str, path: str, **more: Any) -> Json:
        """The answer, which is a good one."""
        answer = self.http.request(method, path, **more)
        assert answer.is_success, answer.text
        shown: Json = answer.json()
        return shown

    def seen(self) -> dict[str, Any]:
        """All that they have, as they see it; not when their keys were used."""
        listed: dict[str, Any] = {
            path: self.asked("GET", path)
            for path in (
                "/v1/media",
                "/v1/media/deleted",
                "/v1/uploads",
                "/v1/budget",
                "/v1/webhooks/endpoints",
                "/v1/webhooks/deliveries",
                "/v1/webhooks/secret",
                f"/v1/media/{self.things['job']}",
                f"/v1/webhooks/endpoints/{self.things['endpoint']}/secret",
            )
        }
        keys = self.asked("GET", "/v1/keys")["items"]
        listed["keys"] = [{**key, "last_used_at": None} for key in keys]
        listed["bytes"] = self.http.get(f"/v1/media/{self.things['job']}/content").text
        return listed

    def _delivered(self) -> str:
        """The first delivery, once all are."""
        items = self.asked("GET", "/v1/webhooks/deliveries")["items"]
        assert len(items) == 3
        assert {one["status"] for one in items} == {"delivered"}, items
        return str(items[-1]["id"])
