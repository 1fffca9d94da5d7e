"""Connections are kept for the lane that opened them, and for as long as the name leads there."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import httpcore
import pytest

from services.notifier.models import Call
from services.notifier.service.webhooks import connections
from services.notifier.service.webhooks.outside import Outside, Resolver
from services.notifier.service.webhooks.posting import Poster
from shared.clock import uuid7
from shared.testing import FixedClock, eventually
from tests.receivers import Receiver, Reply, listening

LANE = uuid7()


class Names:
    """A resolver that answers what it is told to."""

    def __init__(self) -> None:
        self.addresses = ["127.0.0.1"]
        self.asked = 0

    async def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return self.addresses


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        receiver.keeps = True
        receiver.url = receiver.url.replace("127.0.0.1", "hooks.internal")
        yield receiver


@pytest.fixture
async def poster(names: Names) -> AsyncIterator[Poster]:
    outside = Outside(
        (range(1, 65_536),), timedelta(seconds=0.5), allowed_hosts=("*.internal",), resolve=names
    )
    poster = Poster(outside, FixedClock(), user_agent="Test", kept=3)
    yield poster
    await poster.connections.close()
    assert poster.connections.kept == 0


async def call(poster: Poster, receiver: Receiver, lane: Any = LANE) -> Call:
    return await poster.post(receiver.url, {"webhook-id": "1"}, b"{}", lane)


async def test_a_lane_calls_again_on_its_connection_and_the_name_is_looked_up_all_the_same(
    poster: Poster, receiver: Receiver, names: Names
) -> None:
    for _ in range(5):
        assert (await call(poster, receiver)).delivered
    assert (len(receiver.received), receiver.connections, names.asked) == (5, 1, 5)


async def test_other_lanes_and_samples_have_connections_of_their_own(
    poster: Poster, receiver: Receiver
) -> None:
    for lane in (LANE, uuid7(), None, None):
        assert (await call(poster, receiver, lane)).delivered
    assert receiver.connections == 4
    assert poster.connections.kept == 2


async def test_a_connection_is_closed_when_the_name_leads_elsewhere(
    poster: Poster, receiver: Receiver, names: Names
) -> None:
    assert (await call(poster, receiver)).delivered
    names.addresses = ["127.0.0.2"]
    assert (await call(poster, receiver)).error_code == "unreachable"
    assert poster.connections.kept == 0
    assert len(receiver.received) == 1


async def test_a_name_that_leads_inside_by_now_is_refused_although_a_connection_is_there(
    names: Names, receiver: Receiver
) -> None:
    outside = Outside((range(1, 65_536),), timedelta(seconds=1), resolve=names)
    poster = Poster(outside, FixedClock(), user_agent="Test", kept=3)
    assert (await call(poster, receiver)).error_code == "address_refused"
    trusting = Outside((range(1, 65_536),), timedelta(seconds=1), True, resolve=names)
    poster.connections._outside = trusting
    poster._outside = trusting
    assert (await call(poster, receiver)).delivered
    poster.connections._outside = outside
    assert (await call(poster, receiver)).error_code == "address_refused"
    await poster.connections.close()
    assert len(receiver.received) == 1


async def test_another_address_of_the_endpoint_is_another_connection(
    poster: Poster, receiver: Receiver
) -> None:
    assert (await call(poster, receiver)).delivered
    receiver.url = receiver.url.replace("hooks.", "others.")
    assert (await call(poster, receiver)).delivered
    assert receiver.connections == 2
    assert receiver.received[1].headers["host"].startswith("others.internal")


async def test_a_connection_that_the_receiver_has_closed_costs_no_try(
    poster: Poster, receiver: Receiver
) -> None:
    receiver.keeps = False
    for _ in range(3):
        assert (await call(poster, receiver)).delivered
    assert (len(receiver.received), receiver.connections) == (3, 3)


async def test_a_receiver_that_hangs_up_on_a_kept_connection_is_called_once_more(
    poster: Poster, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking whether it is open and sending there is always a moment."""
    monkeypatch.setattr(httpcore.AsyncHTTPConnection, "has_expired", lambda _: False)
    receiver.keeps = False
    for _ in range(2):
        assert (await call(poster, receiver)).delivered
    assert receiver.connections == 2


async def test_an_answer_that_is_not_read_to_its_end_closes_the_connection(
    poster: Poster, receiver: Receiver
) -> None:
    receiver.behaviour = lambda _call, _before: Reply(200, b"x" * 1_000_000)
    assert (await call(poster, receiver)).delivered
    assert poster.connections.kept == 0


async def test_a_call_that_times_out_leaves_no_connection(
    poster: Poster, receiver: Receiver
) -> None:
    receiver.behaviour = lambda _call, before: Reply(after=5 if before else 0)
    assert (await call(poster, receiver)).delivered
    assert (await call(poster, receiver)).error_code == "timed_out"
    assert poster.connections.kept == 0


async def test_no_more_are_kept_than_are_allowed_and_the_oldest_go_first(
    poster: Poster, receiver: Receiver
) -> None:
    lanes = [uuid7() for _ in range(5)]
    for lane in lanes:
        await call(poster, receiver, lane)
    assert poster.connections.kept == 3
    await call(poster, receiver, lanes[4])
    assert receiver.connections == 5
    await call(poster, receiver, lanes[0])
    assert receiver.connections == 6


@pytest.mark.parametrize("limit", ["IDLE_SECONDS", "LONGEST_SECONDS"])
async def test_what_is_idle_or_open_for_too_long_is_closed(
    poster: Poster, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(connections, limit, 0.02)
    await call(poster, receiver)

    async def closed() -> None:
        await poster.connections.drop_stale()
        assert poster.connections.kept == 0

    await eventually(closed)


async def test_addresses_are_not_looked_up_and_names_are_in_threads_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def lookup(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(0, 0, 0, "", ("8.8.8.8", port))]

    monkeypatch.setattr("services.notifier.service.webhooks.outside.getaddrinfo", lookup)
    resolver = Resolver(2)
    assert await resolver("127.0.0.1", 80) == ["127.0.0.1"]
    assert await resolver("::1", 80) == ["::1"]
    assert await resolver("example.org", 80) == ["8.8.8.8"]
    assert asked == ["example.org"]
    resolver.close()


async def test_a_host_without_addresses_is_unreachable(poster: Poster, names: Names) -> None:
    names.addresses = []
    said = await poster.post("http://hooks.internal/", {}, b"", LANE)
    assert said.error_code == "unreachable"
