"""What the broker's users of other services may, and may not."""

import re

import pytest

from deploy.rabbitmq.clients import client_rights, client_user
from deploy.rabbitmq.definitions import definitions
from shared.messaging import topology

OURS = [queue.name for queue in topology.all_queues(["card"])]


@pytest.mark.parametrize("listens", [False, True])
@pytest.mark.parametrize("queue", [*OURS, "amq.default", "other.answers", "live.api.7"])
def test_a_client_touches_no_queue_but_its_own(queue: str, listens: bool) -> None:
    may = client_rights("shop", listens=listens)

    assert not any(re.search(right, queue) for right in (may.configure, may.write, may.read))


@pytest.mark.parametrize(("queue", "makes"), [("shop.answers", False), ("amq.gen-JzTY20", True)])
def test_a_client_makes_queues_that_pass_and_uses_those_made_for_it(
    queue: str, makes: bool
) -> None:
    may = client_rights("shop")

    assert all(re.search(right, queue) for right in (may.write, may.read))
    assert (re.search(may.configure, queue) is not None) == makes


def test_a_client_publishes_commands_and_nothing_else() -> None:
    may = client_rights("shop")

    written = [one.name for one in topology.EXCHANGES if re.search(may.write, one.name)]
    assert written == [topology.COMMANDS]
    assert not any(re.search(may.read, one.name) for one in topology.EXCHANGES)


def test_a_listener_hears_events_and_may_not_say_any() -> None:
    may = client_rights("shop", listens=True)

    heard = [one.name for one in topology.EXCHANGES if re.search(may.read, one.name)]
    assert heard == [topology.EVENTS, topology.LIVE]
    assert not re.search(may.write, topology.EVENTS)


@pytest.mark.parametrize(
    ("key", "requests", "operates"),
    [
        ("media.request", True, True),
        ("media.cancel", True, True),
        ("media.control", False, True),
        ("media.control.card", False, True),
        ("media.requested.card", False, False),
    ],
)
def test_only_an_operator_may_pause(key: str, requests: bool, operates: bool) -> None:
    said = [client_rights("shop", operates=operates).commands for operates in (False, True)]

    assert [re.search(pattern or "", key) is not None for pattern in said] == [requests, operates]


def test_the_definitions_hold_the_client_to_its_routing_keys() -> None:
    document = definitions([client_user("shop", "secret")])

    [user] = document["users"]
    [right] = document["topic_permissions"]
    assert user["tags"] == []
    assert (right["user"], right["exchange"]) == ("shop", topology.COMMANDS)
    assert right["write"] == client_rights("shop").commands


@pytest.mark.parametrize("name", ["api", "generator", "media", "", "a b", "a|.*"])
def test_a_name_that_opens_our_queues_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        client_user(name, "secret")
