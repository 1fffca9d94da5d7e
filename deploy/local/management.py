"""RabbitMQ's management HTTP API, as far as the local stack uses it."""

import json
from collections.abc import Iterable

from deploy.local.errors import LocalStackError
from deploy.local.http import post_json
from deploy.rabbitmq.definitions import User, definitions

_ANSWERS_WITHIN = 30.0


def import_definitions(management_url: str, users: Iterable[User]) -> None:
    """Make users, policies and topology on a running broker; again changes nothing."""
    document = json.dumps(definitions(users)).encode()
    status, complaint = post_json(f"{management_url}/api/definitions", document, _ANSWERS_WITHIN)
    if status >= 300:
        raise LocalStackError(f"RabbitMQ refused its definitions: {complaint}")
