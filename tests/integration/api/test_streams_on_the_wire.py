"""Streams of events over real sockets, from an api as it is deployed."""

import asyncio
import re
import signal
import socket
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.api.service.live_events import MOST_BEHIND
from services.api.settings import ApiSettings
from shared.testing import a_generator_announced, eventually
from tests.integration.api.neighbours import Neighbours
from tests.integration.api.serving import Served, knows_cards, serving
from tests.unit.api.builders import CARD

BULKY = {"generator": "card", "input": CARD, "metadata": {"x": "y" * 8_000}}
_PATIENCE = 20.0


@pytest.fixture
async def served(
    settings: ApiSettings, neighbours: Neighbours, tmp_path: Path
) -> AsyncIterator[Served]:
    """A running api, whose streams say soon that they are there."""
    async with serving(settings, tmp_path / "api.log", DARKROOM_HEARTBEAT_SECONDS="0.2") as running:
        await neighbours.say(a_generator_announced())
        await eventually(partial(knows_cards, running.url), timeout=_PATIENCE)
        yield running


@pytest.fixture
async def http(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=served.url, timeout=_PATIENCE) as client:
        yield client


class RawListener:
    """A socket that has asked for a stream, and reads when it is told to."""

    def __init__(self, served: Served, target: str = "/v1/events", window: int = 0) -> None:
        self.socket = socket.socket()
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.connect(("127.0.0.1", served.port))
        self.socket.settimeout(_PATIENCE)
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: api\r\n\r\n".encode())
        self.heard = b""

    def until(self, words: bytes) -> bytes:
        """Read to these words. Raises `TimeoutError`."""
        while words not in self.heard:
            some = self.socket.recv(65_536)
            assert some, self.heard[-500:]
            self.heard += some
        return self.heard

    def to_the_end(self) -> bytes:
        """Read until the api ends it, whichever way."""
        try:
            while some := self.socket.recv(65_536):
                self.heard += some
        except ConnectionResetError:
            pass
        return self.heard

    def close(self) -> None:
        self.socket.close()


async def streams(http: httpx.AsyncClient) -> int:
    """How many are open."""
    found = re.search(
        r"^darkroom_event_streams (\S+)$", (await http.get("/metrics")).text, re.MULTILINE
    )
    assert found
    return int(float(found[1]))


async def there_are(number: int, http: httpx.AsyncClient) -> None:
    assert await streams(http) == number


async def ask_for(http: httpx.AsyncClient, number: int, request: dict[str, Any]) -> list[str]:
    """Their ids."""
    answer = await http.post("/v1/media/batch", json={"requests": [request] * number})
    return [one["job"]["id"] for one in answer.raise_for_status().json()["answers"]]


def ids_of(heard: bytes) -> list[str]:
    return [
        name.decode()
        for name in re.findall(rb"^data: .*?\"subject\":\"([^\"]+)", heard, re.MULTILINE)
    ]


async def test_heartbeats_come_and_say_how_far_it_is(
    served: Served, http: httpx.AsyncClient
) -> None:
    async with http.stream("GET", "/v1/events", params={"types": "media.ready"}) as answer:
        lines = answer.aiter_lines()
        first = [await anext(lines) for _ in range(2)]
        await ask_for(http, 1, {"generator": "card", "input": CARD})
        beats = [line async for line in _until_further(lines, first[1])]
    assert ": still here" in beats
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert first[0] == "retry: 1000"
    resumed = await http.get("/v1/events", headers={"Last-Event-ID": "nonsense"})
    assert resumed.status_code == 400


async def test_a_connection_is_used_again_after_a_stream_has_ended(
    served: Served, http: httpx.AsyncClient
) -> None:
    [job] = await ask_for(http, 1, {"generator": "card", "input": CARD})
    await http.post(f"/v1/media/{job}/cancel")
    listener = RawListener(served, f"/v1/media/{job}/events?since=2999-01-01T00:00:00Z")
    listener.until(b"\r\n\r\n")
    listener.close()
    again = RawListener(served, f"/v1/media/{job}")
    again.until(b"}")
    again.socket.sendall(b"GET /v1/generators/card HTTP/1.1\r\nHost: api\r\n\r\n")
    again.until(b'"card"')
    again.close()


async def test_who_takes_nothing_is_cut_off_and_resumes_without_a_gap(
    served: Served, http: httpx.AsyncClient
) -> None:
    number = 3 * MOST_BEHIND
    stuck = RawListener(served, "/v1/events?types=media.requested", window=4_096)
    stuck.until(b"id: ")
    quick = asyncio.create_task(asyncio.to_thread(_hear_subjects, served, number))
    await eventually(partial(there_are, 2, http), timeout=_PATIENCE)
    asked = [name for _ in range(number // 500) for name in await ask_for(http, 500, BULKY)]

    assert await quick == asked
    await eventually(partial(there_are, 0, http), timeout=_PATIENCE)
    early = stuck.to_the_end()
    places = re.findall(rb"^id: (\S+)\nevent", early[: early.rindex(b"\n\n") + 2], re.MULTILINE)
    behind = f"/v1/events?types=media.requested&last_event_id={places[-1].decode()}"
    rest = _hear_subjects(served, number - len(places), behind)
    assert len(places) < number
    assert ids_of(early)[: len(places)] + rest == asked
    stuck.close()


async def test_whoever_leaves_is_forgotten_at_once(served: Served, http: httpx.AsyncClient) -> None:
    [job] = await ask_for(http, 1, {"generator": "card", "input": CARD})
    for target in ("/v1/events", f"/v1/media/{job}/events"):
        for _ in range(4):
            listeners = [RawListener(served, target) for _ in range(50)]
            for listener in listeners:
                listener.until(b"id: ")
            assert await streams(http) == 50
            for listener in listeners:
                listener.close()
            await eventually(partial(there_are, 0, http), timeout=_PATIENCE)


async def test_an_api_that_leaves_ends_its_streams_at_once_also_those_that_are_stuck(
    served: Served, http: httpx.AsyncClient
) -> None:
    idle = RawListener(served)
    idle.until(b"id: ")
    stuck = RawListener(served, window=4_096)
    stuck.until(b"id: ")
    hearing = asyncio.create_task(asyncio.to_thread(_hear_subjects, served, MOST_BEHIND - 100))
    await eventually(partial(there_are, 3, http), timeout=_PATIENCE)
    for _ in range(2):
        await ask_for(http, MOST_BEHIND // 2 - 50, BULKY)
    await hearing
    began = time.monotonic()
    served.process.send_signal(signal.SIGTERM)
    assert (await asyncio.to_thread(idle.to_the_end)).endswith(b"0\r\n\r\n")
    assert time.monotonic() - began < 1.5
    assert await asyncio.to_thread(served.process.wait, 15) == 0
    assert time.monotonic() - began < 5
    stuck.close()
    idle.close()


async def _until_further(lines: AsyncIterator[str], place: str) -> AsyncIterator[str]:
    """To the heartbeat that tells a place behind this one."""
    async for line in lines:
        yield line
        if line.startswith("id: ") and line != place:
            return


def _hear_subjects(served: Served, number: int, target: str = "") -> list[str]:
    """So many from one stream."""
    listener = RawListener(served, target or "/v1/events?types=media.requested")
    parts, found, rest = [], 0, b""
    while found < number:
        some = listener.socket.recv(1 << 20)
        assert some
        parts.append(some)
        lines = (rest + some).split(b"\n")
        found, rest = found + sum(line.startswith(b"event:") for line in lines[:-1]), lines[-1]
    listener.heard = b"".join(parts)
    while len(subjects := ids_of(listener.heard)) < number:
        listener.heard += listener.socket.recv(1 << 20)
    listener.close()
    return subjects[:number]
