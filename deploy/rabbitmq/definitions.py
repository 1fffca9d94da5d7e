"""The definitions file that RabbitMQ loads at boot, made from ``shared.messaging.topology``.

Exchanges, queues and policies are the same everywhere; users are what a deployment says they are.
Every service has a user of its own that may touch the exchanges and its own queues, and nothing
else; the api may also write to the default exchange (``amq.default``), straight into any queue: so
it replays dead letters. Generators' queues are declared by the processes that host them: only these
know which generators there are.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.messaging import topology

VHOST = "/"
_QUEUES_OF = {
    "api": r"api\.|live\.api\.|dead-letters$|amq\.gen|amq\.default$",
    "generator": r"generator\.|amq\.gen",
    "notifier": r"notifier\.|amq\.gen",
}
_EXCHANGES = r"media\."


@dataclass(frozen=True)
class User:
    """A user of the broker; ``may`` is the pattern of what it may configure, write and read."""

    name: str
    password: str
    tags: tuple[str, ...] = ()
    may: str = ".*"


def service_user(service: str, password: str) -> User:
    """The user of one of the three services; may also look at the figures of the management API."""
    return User(service, password, ("monitoring",), rf"^({_EXCHANGES}|{_QUEUES_OF[service]})")


def definitions(users: Iterable[User] = (), generators: Iterable[str] = ()) -> dict[str, Any]:
    """The document, ready to be written as JSON; with the queues of the named generators."""
    everybody = list(users)
    queues = topology.all_queues(generators)
    return {
        "vhosts": [{"name": VHOST}],
        "users": [_user(user) for user in everybody],
        "permissions": [_permission(user) for user in everybody],
        "policies": [_policy(policy) for policy in topology.POLICIES],
        "exchanges": [_exchange(exchange) for exchange in topology.EXCHANGES],
        "queues": [_queue(queue) for queue in queues],
        "bindings": [_binding(queue, binding) for queue in queues for binding in queue.bindings],
    }


def _user(user: User) -> dict[str, Any]:
    salt = secrets.token_bytes(4)
    digest = hashlib.sha256(salt + user.password.encode()).digest()
    return {
        "name": user.name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": list(user.tags),
    }


def _permission(user: User) -> dict[str, Any]:
    rights = dict.fromkeys(("configure", "write", "read"), user.may)
    return {"user": user.name, "vhost": VHOST, **rights}


def _policy(policy: topology.Policy) -> dict[str, Any]:
    return {
        "vhost": VHOST,
        "name": policy.name,
        "pattern": policy.pattern,
        "apply-to": "queues",
        "priority": policy.priority,
        "definition": policy.definition,
    }


def _exchange(exchange: topology.Exchange) -> dict[str, Any]:
    return {
        "vhost": VHOST,
        "name": exchange.name,
        "type": exchange.kind,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _queue(queue: topology.Queue) -> dict[str, Any]:
    return {
        "vhost": VHOST,
        "name": queue.name,
        "durable": True,
        "auto_delete": False,
        "arguments": topology.QUORUM,
    }


def _binding(queue: topology.Queue, binding: topology.Binding) -> dict[str, Any]:
    return {
        "vhost": VHOST,
        "source": binding.exchange,
        "destination": queue.name,
        "destination_type": "queue",
        "routing_key": binding.pattern,
        "arguments": {},
    }
