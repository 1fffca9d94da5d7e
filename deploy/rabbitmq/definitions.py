"""The definitions file that RabbitMQ loads at boot, made from ``shared.messaging.topology``.

Exchanges, queues and policies are the same everywhere; users are what a deployment says they are.
Every service has a user of its own that may touch the exchanges and its own queues, and nothing
else; the api may also write to the default exchange (``amq.default``), straight into any queue: so
it replays dead letters and answers commands. Generators' queues are declared by the processes that
host them: only these know which generators there are. Users of others: ``clients``.
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
class Rights:
    """Patterns of what somebody may configure, write and read.

    ``commands``: of the routing keys to publish to ``media.commands`` with; None: any.
    """

    configure: str = ".*"
    write: str = ".*"
    read: str = ".*"
    commands: str | None = None

    @classmethod
    def alike(cls, pattern: str) -> "Rights":
        """The same for all three."""
        return cls(pattern, pattern, pattern)


@dataclass(frozen=True)
class User:
    """A user of the broker, and what it may."""

    name: str
    password: str
    tags: tuple[str, ...] = ()
    may: Rights = Rights()


def service_user(service: str, password: str) -> User:
    """The user of one of the three services; may also look at the figures of the management API."""
    may = Rights.alike(rf"^({_EXCHANGES}|{_QUEUES_OF[service]})")
    return User(service, password, ("monitoring",), may)


def definitions(users: Iterable[User] = (), generators: Iterable[str] = ()) -> dict[str, Any]:
    """The document, ready to be written as JSON; with the queues of the named generators."""
    everybody = list(users)
    queues = topology.all_queues(generators)
    return {
        "vhosts": [{"name": VHOST}],
        "users": [_user(user) for user in everybody],
        "permissions": [_permission(user) for user in everybody],
        "topic_permissions": [
            _topic_permission(user) for user in everybody if user.may.commands is not None
        ],
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
    may = user.may
    rights = {"configure": may.configure, "write": may.write, "read": may.read}
    return {"user": user.name, "vhost": VHOST, **rights}


def _topic_permission(user: User) -> dict[str, Any]:
    rights = {"exchange": topology.COMMANDS, "write": user.may.commands, "read": ".*"}
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
