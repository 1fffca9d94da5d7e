"""Events as an iterator: what is cut off is gone on with, and told once."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.client import (
    ApiProblemError,
    DarkroomClient,
    HeldBackError,
    LiveEvent,
    UnexpectedAnswerError,
)
from shared.client import events as listening

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.0)


def a_stream(text: str) -> httpx.Response:
    return httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})


async def heard(handler: Handler, **wanted: Any) -> list[LiveEvent]:
    transport = httpx.MockTransport(handler)
    async with DarkroomClient("http://api", transport=transport) as darkroom:
        return [event async for event in darkroom.events("j", **wanted)]


async def test_a_stream_is_resumed_behind_the_last_event_that_came_whole() -> None:
    asked: list[str | None] = []
    answers = [
        httpx.Response(503, json={"title": "x", "status": 503, "code": "unavailable"}),
        a_stream('id: a\n\nid: b\nevent: media.started\ndata: {"n":\ndata: 1}\n\nevent: media.re'),
        a_stream(': still here\n\nevent: media.progressed\ndata: {"n": 2}\n\n'),
        a_stream('id: c\nevent: media.ready\ndata: {"n": 3}\n\n'),
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("last-event-id"))
        return answers.pop(0)

    events = await heard(answer, since="first")
    assert asked == ["first", "first", "b", "b"]
    assert [(event.type, event.body["n"]) for event in events] == [
        ("media.started", 1),
        ("media.progressed", 2),
        ("media.ready", 3),
    ]
    assert [event.position for event in events] == ["b", None, "c"]


async def test_line_breaks_that_are_said_end_no_line() -> None:
    note = "one\u2028two\u0085three"
    said = json.dumps({"note": note}, ensure_ascii=False)
    [event] = await heard(
        lambda _: a_stream(f"id: a\r\nevent: media.ready\r\ndata: {said}\r\n\r\n")
    )
    assert event.body == {"note": note}


async def test_what_was_told_to_its_end_is_not_asked_for_again() -> None:
    assert await heard(lambda _: httpx.Response(204)) == []


async def test_a_refusal_is_an_error() -> None:
    problem = {"title": "Unknown position", "status": 400, "code": "unknown_position"}
    with pytest.raises(ApiProblemError):
        await heard(lambda _: httpx.Response(400, json=problem))


async def test_an_api_that_is_away_is_asked_again() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if len(asked) < 3:
            raise httpx.ConnectError("away", request=request)
        return httpx.Response(204)

    assert await heard(answer) == []
    assert len(asked) == 3


async def test_the_events_of_all_are_narrowed_down() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "http://api/v1/events?types=media.ready&generator=card"
        return a_stream('id: c\nevent: media.ready\ndata: {"n": 3}\n\n')

    transport = httpx.MockTransport(answer)
    async with DarkroomClient("http://api", transport=transport) as darkroom:
        stream = darkroom.events(types=["media.ready"], generators=["card"])
        assert (await anext(stream)).is_final
        await stream.aclose()  # type: ignore[attr-defined]


async def test_what_happened_since_a_moment_is_asked_for() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params["since"] == "2026-01-02T03:04:05+00:00"
        assert "last-event-id" not in request.headers
        return httpx.Response(204)

    assert await heard(answer, since=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == []


async def test_a_proxy_that_keeps_events_back_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST_WORD", 0.01)

    async def nothing() -> AsyncIterator[bytes]:
        await asyncio.sleep(60)
        yield b""

    kind = {"content-type": "text/event-stream"}
    with pytest.raises(HeldBackError, match=r"http://api/? ?.*not buffer"):
        await heard(lambda _: httpx.Response(200, headers=kind, content=nothing()))


async def test_too_many_listeners_are_waited_for() -> None:
    problem = {"title": "Too many", "status": 429, "code": "too_many_listeners"}
    answers = [httpx.Response(429, json=problem), httpx.Response(204)]

    assert await heard(lambda _: answers.pop(0)) == []


async def test_what_is_no_stream_is_not_heard() -> None:
    with pytest.raises(UnexpectedAnswerError, match="did not answer with a stream"):
        await heard(lambda _: httpx.Response(200, text="<html>"))
