"""A fresh RabbitMQ vhost for every test that asks, with the policies that production has."""

import itertools
import os
from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import urlsplit, urlunsplit

import httpx

from shared.messaging.topology import POLICIES, Policy


class Vhosts:
    """Makes vhosts on one broker and deletes them again."""

    def __init__(self, amqp_url: str, management_url: str) -> None:
        self._amqp_url = amqp_url
        self._user = urlsplit(management_url).username
        self._api = httpx.Client(base_url=f"{management_url}/api/", timeout=30)
        self._numbers = itertools.count(1)

    def create(self) -> str:
        """The AMQP URL of a new vhost."""
        name = f"test-{os.getpid()}-{next(self._numbers)}"
        self._put(f"vhosts/{name}", {})
        rights = dict.fromkeys(("configure", "write", "read"), ".*")
        self._put(f"permissions/{name}/{self._user}", rights)
        for policy in POLICIES:
            self._put(f"policies/{name}/{policy.name}", _policy(policy))
        return urlunsplit(urlsplit(self._amqp_url)._replace(path=f"/{name}"))

    def delete(self, url: str) -> None:
        """Delete it with everything in it; connections to it are closed."""
        self._api.delete(f"vhosts{urlsplit(url).path}").raise_for_status()

    def close(self) -> None:
        self._api.close()

    def _put(self, path: str, body: Mapping[str, object]) -> None:
        self._api.put(path, json=body).raise_for_status()


def _policy(policy: Policy) -> dict[str, object]:
    fields = asdict(policy)
    del fields["name"]
    return {**fields, "apply-to": "queues"}
