"""A broker's management API in memory: it has what was put into it."""

import json
from typing import Any

import httpx

from deploy.rabbitmq.definitions import definitions

KINDS = ("exchanges", "queues", "bindings", "policies")


class FakeManagement:
    """Begins as it should be, with the card generator's queues; tests spoil it."""

    def __init__(self) -> None:
        self.document: dict[str, list[dict[str, Any]]] = {
            kind: definitions(generators=["card"])[kind] for kind in KINDS
        }
        self.users = {"darkroom": "secret"}

    @property
    def transport(self) -> httpx.BaseTransport:
        return httpx.MockTransport(self._answer)

    def lose(self, kind: str, name: str) -> None:
        """The broker has this no longer."""
        self.document[kind] = [e for e in self.document[kind] if e.get("name") != name]

    def entry(self, kind: str, name: str) -> dict[str, Any]:
        """One of its things, to be spoiled."""
        return next(entry for entry in self.document[kind] if entry["name"] == name)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        wanted = httpx.BasicAuth(*next(iter(self.users.items())))
        login = next(wanted.auth_flow(httpx.Request("GET", request.url))).headers["Authorization"]
        if request.headers["Authorization"] != login:
            return httpx.Response(401, json={"error": "not_authorised"})
        if request.url.raw_path != b"/api/definitions/%2F":
            return httpx.Response(404, json={"error": "Object Not Found"})
        if request.method == "POST":
            self._import(json.loads(request.content))
            return httpx.Response(204)
        return httpx.Response(200, json=self.document)

    def _import(self, document: dict[str, list[dict[str, Any]]]) -> None:
        """As RabbitMQ does: policies are replaced, anything else that exists is left alone."""
        for kind in KINDS:
            mine = {_key(kind, entry): entry for entry in self.document[kind]}
            for entry in document[kind]:
                if kind == "policies" or _key(kind, entry) not in mine:
                    mine[_key(kind, entry)] = entry
            self.document[kind] = list(mine.values())


def _key(kind: str, entry: dict[str, Any]) -> str:
    if kind == "bindings":
        return f"{entry['source']} {entry['routing_key']} {entry['destination']}"
    return str(entry["name"])
