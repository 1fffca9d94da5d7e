"""A stream as its server sees it: ended by its client, by its end, and where nothing is taken."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from starlette.types import Message

from services.api.models.event_log import BEGINNING, LogPosition
from services.api.routes import event_stream as module
from services.api.routes.event_stream import EventStreamResponse, id_of_position
from services.api.service.event_hub import EventHub
from services.api.service.listening import EventStream
from services.api.service.live_events import Listener, LiveEvent, Wanted
from shared.http import CUT
from shared.testing import eventually


class Client:
    """A client of a stream, and the server between the two."""

    def __init__(self, *, takes: bool = True) -> None:
        self.taken: list[Message] = []
        self.may_take = asyncio.Event()
        self.gone = asyncio.Event()
        if takes:
            self.may_take.set()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.may_take.wait()
        self.taken.append(message)

    def cut(self) -> None:
        """The connection is ended: nobody waits for it any more."""
        self.gone.set()
        self.may_take.set()

    @property
    def heard(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.taken)


async def beats(listener: Listener) -> AsyncIterator[LiveEvent | LogPosition]:
    """Nothing but heartbeats, until it is closed."""
    while not listener.closed:
        yield BEGINNING
        await asyncio.sleep(0)


def a_stream(hub: EventHub) -> EventStream:
    listener = hub.add(Wanted("default"))
    return EventStream(BEGINNING, beats(listener), listener, hub)


def served(hub: EventHub, client: Client) -> tuple[EventStream, asyncio.Task[None]]:
    stream = a_stream(hub)
    scope = {"type": "http", "extensions": {CUT: {"now": client.cut}}}
    answering = EventStreamResponse(stream)(scope, client.receive, client.send)
    return stream, asyncio.create_task(answering)


@pytest.fixture
def hub() -> EventHub:
    return EventHub()


async def test_a_stream_says_at_once_where_it_is_and_beats_say_how_far_it_came(
    hub: EventHub,
) -> None:
    client = Client()
    stream, serving = served(hub, client)
    await asyncio.sleep(0.01)
    stream.listener.close()
    await serving
    place = id_of_position(BEGINNING).encode()
    assert client.heard.startswith(b"retry: 1000\nid: " + place + b"\n\n: still here\nid: " + place)
    assert client.taken[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert hub.empty


async def test_whoever_leaves_is_let_go(hub: EventHub) -> None:
    client = Client()
    _, serving = served(hub, client)
    client.gone.set()
    await serving
    assert hub.empty


async def test_whoever_takes_nothing_is_cut_off_when_the_stream_ends(
    hub: EventHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAST_CHANCE", 0.01)
    client = Client(takes=False)
    _, serving = served(hub, client)
    await asyncio.sleep(0)
    hub.close()
    await serving
    assert client.gone.is_set()
    assert hub.empty


async def test_whoever_still_takes_something_is_not_cut_off(
    hub: EventHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Callable[[], None]] = []
    client = Client(takes=False)
    stream = a_stream(hub)
    response = EventStreamResponse(stream)
    monkeypatch.setattr(response, "_look_again", looks.append)
    scope = {"type": "http", "extensions": {CUT: {"now": client.cut}}}
    serving = asyncio.create_task(response(scope, client.receive, client.send))
    await asyncio.sleep(0)
    response._sending, response._sent = True, 1
    response._cut_if_stuck(client.cut, 0)
    assert looks == [client.cut]
    assert not client.gone.is_set()
    response._sending = False
    response._cut_if_stuck(client.cut, 1)
    assert len(looks) == 1
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_what_ends_a_stream_does_not_wait_for_whoever_takes_nothing(hub: EventHub) -> None:
    client = Client(takes=False)
    _, serving = served(hub, client)
    client.may_take.set()
    await eventually(lambda: _has(client.taken))
    client.may_take.clear()
    await asyncio.sleep(0)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert client.gone.is_set()
    assert hub.empty


def _has(taken: list[Message]) -> None:
    assert taken
