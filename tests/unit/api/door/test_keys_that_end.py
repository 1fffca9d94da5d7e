"""What was begun with a key, when the key is no more."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.types import Message

from services.api.models import ANYBODY, Status
from services.api.routes import http_app
from services.api.routes.authenticating import Authenticating
from services.api.routes.door import Door
from services.api.service import ApiServices
from shared.http import CUT, exception_handlers
from shared.testing import FixedClock
from tests.unit.api.builders import a_job
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.guarded import REQUEST, a_key, refused
from tests.unit.http.wire import until


class Listener:
    """Somebody who listens to events, with nothing in between, and `takes` so many messages."""

    def __init__(
        self, services: ApiServices, header: dict[str, str], takes: int | None = None
    ) -> None:
        self.said: list[Message] = []
        self.cut = asyncio.Event()
        self._takes = takes
        headers = [(name.encode(), value.encode()) for name, value in header.items()]
        asked = {"type": "http", "method": "GET", "path": "/v1/events", "query_string": b""}
        extensions = {CUT: {"now": self.cut.set}}
        self._asked = {**asked, "headers": headers, "extensions": extensions}
        self._app = http_app(services, keys_needed=True)
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        await self._app(self._asked, self._stay, self._hear)

    async def _stay(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def _hear(self, message: Message) -> None:
        if len(self.said) == self._takes:
            await asyncio.Event().wait()
        self.said.append(message)

    @property
    def ended(self) -> bool:
        return self.task.done() and not self.said[-1].get("more_body", False)


async def test_a_stream_ends_with_its_key(services: ApiServices, clock: FixedClock) -> None:
    revoked, first = await a_key(services)
    _, second = await a_key(services, lasting=timedelta(minutes=1))
    _, third = await a_key(services)
    one, two, three = (Listener(services, header) for header in (first, second, third))
    await until(lambda: all(listener.said for listener in (one, two, three)))

    await services.keys.revoke(ANYBODY, revoked.id)
    await services.key_ring.renew()
    await until(lambda: one.ended)
    assert not two.task.done()

    clock.advance(timedelta(minutes=1))
    await services.key_ring.renew()
    await until(lambda: two.ended)
    assert not three.task.done()

    three.task.cancel()
    await asyncio.gather(three.task, return_exceptions=True)
    assert services.hub.empty


async def test_whoever_takes_nothing_any_more_is_cut_off(services: ApiServices) -> None:
    key, header = await a_key(services)
    listener = Listener(services, header, takes=1)
    await until(lambda: listener.said)

    await services.keys.revoke(ANYBODY, key.id)
    await services.key_ring.renew()
    await asyncio.sleep(0)
    await services.key_ring.renew()  # it is still on its way out

    await until(listener.cut.is_set)
    await listener.task
    assert services.hub.empty


async def test_what_takes_too_long_elsewhere_is_no_lost_key(services: ApiServices) -> None:
    async def late(*_: Any) -> Any:
        raise TimeoutError

    _, header = await a_key(services)
    headers = [(name.encode(), value.encode()) for name, value in header.items()]
    app = Authenticating(late, Door(services.access), exception_handlers())
    with pytest.raises(TimeoutError):
        await app({"type": "http", "path": "/v1/media", "headers": headers}, late, late)


async def test_whoever_waits_when_the_key_ends_is_answered(
    client: httpx.AsyncClient, services: ApiServices, clock: FixedClock, database: FakeDatabase
) -> None:
    _, header = await a_key(services, lasting=timedelta(minutes=1))
    waiting = asyncio.create_task(
        client.post("/v1/media", json=REQUEST, headers=header | {"prefer": "wait=1"})
    )
    await until(lambda: database.tables.jobs)
    clock.advance(timedelta(minutes=2))
    await services.key_ring.renew()

    answer = await waiting

    assert answer.status_code == 202
    refused(await client.get(answer.json()["urls"]["self"], headers=header), 401, "unauthenticated")


async def test_a_deletion_says_by_whom(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    key, header = await a_key(services)
    job = a_job(tenant="shop", status=Status.READY)
    database.tables.jobs[job.id] = job

    await client.delete(f"/v1/media/{job.id}", headers=header)

    left = (await client.get("/v1/media/deleted", headers=header)).json()["items"]
    assert [one["deleted_by"] for one in left] == [f"app ({key.id})"]
