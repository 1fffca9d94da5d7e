"""Commands that die: by a bug of ours, or because RabbitMQ gave them up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from services.api.app import ApiApp
from shared.messaging import topology
from shared.testing import eventually
from tests.integration.api.neighbours import Neighbours


async def letters(client: httpx.AsyncClient, count: int, **params: str) -> list[dict[str, Any]]:
    """The dead letters, once there are so many."""

    async def check() -> list[dict[str, Any]]:
        answer = await client.get("/v1/dead-letters", params=params)
        items: list[dict[str, Any]] = answer.json()["items"]
        assert len(items) == count, items
        return items

    return await eventually(check, 20)


async def replay(client: httpx.AsyncClient, letter: dict[str, Any]) -> dict[str, Any]:
    """The letter, sent back to its queue."""
    answer = await client.post(f"/v1/dead-letters/{letter['id']}/replay")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


class _Bug:
    async def submit(self, *_: object) -> None:
        raise ZeroDivisionError("a bug in the handler")


@asynccontextmanager
async def a_bug(app: ApiApp) -> AsyncIterator[None]:
    """Whatever asks for media dies, until somebody has repaired it."""
    commands: Any = app._services.commands
    requests, commands._requests = commands._requests, _Bug()
    try:
        yield
    finally:
        commands._requests = requests


@asynccontextmanager
async def given_up(app: ApiApp, neighbours: Neighbours) -> AsyncIterator[None]:
    """The command that is sent meanwhile becomes a dead letter by the broker's policy."""
    [commands] = [one for one in app._session._subscribers if one.queue == topology.API_COMMANDS]
    await commands.pause()
    yield
    await neighbours.reject(topology.API_COMMANDS)
    await commands.resume()
