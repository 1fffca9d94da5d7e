"""What the broker is told at boot."""

import base64
import hashlib
import re

import pytest

from deploy.rabbitmq.definitions import User, definitions, service_user
from shared.messaging import topology


def _may(service: str, name: str) -> bool:
    return re.search(service_user(service, "secret").may.write, name) is not None


def test_every_queue_is_declared_and_bound() -> None:
    document = definitions()
    queues = {queue["name"] for queue in document["queues"]}
    assert queues == {queue.name for queue in topology.all_queues(())}
    assert {binding["destination"] for binding in document["bindings"]} == queues


def test_queues_have_no_argument_but_their_type() -> None:
    assert all(queue["arguments"] == topology.QUORUM for queue in definitions()["queues"])


def test_limits_and_dead_lettering_are_policies() -> None:
    work, dead_letters = definitions()["policies"]
    assert re.search(work["pattern"], topology.API_PROGRESS)
    assert work["definition"]["dead-letter-exchange"] == topology.DEAD
    assert not re.search(work["pattern"], topology.DEAD_LETTERS)
    assert re.search(dead_letters["pattern"], topology.DEAD_LETTERS)
    assert "dead-letter-exchange" not in dead_letters["definition"]


@pytest.mark.parametrize("service", ["api", "generator", "notifier"])
def test_a_service_may_use_the_exchanges_and_its_own_queues(service: str) -> None:
    own = [queue.name for queue in topology.all_queues(["card"]) if queue.consumer == service]
    names = [exchange.name for exchange in topology.EXCHANGES] + own
    assert [name for name in names if not _may(service, name)] == []


@pytest.mark.parametrize("service", ["api", "generator", "notifier"])
def test_a_service_may_not_touch_the_queues_of_others(service: str) -> None:
    others = [queue.name for queue in topology.all_queues(["card"]) if queue.consumer != service]
    assert [name for name in others if _may(service, name)] == []


def test_passwords_are_written_as_salted_hashes() -> None:
    [user] = definitions([User("somebody", "secret")])["users"]
    hashed = base64.b64decode(user["password_hash"])
    assert hashed[4:] == hashlib.sha256(hashed[:4] + b"secret").digest()
    assert "secret" not in str(user)
