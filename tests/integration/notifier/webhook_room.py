"""A notifier without its broker: outcomes are decided by hand, webhooks are really sent."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from services.notifier.app import NotifierApp
from services.notifier.settings import NotifierSettings
from shared.events import Message
from shared.testing import an_event, eventually


class Room:
    """A notifier without its broker: outcomes are decided by hand, webhooks are sent."""

    def __init__(self, database: str, **settings: Any) -> None:
        told = {
            "database_url": database,
            "rabbitmq_url": "amqp://nowhere.invalid",
            "webhook_schedule": "0,0.1,0.1,0.2",
            "webhook_allow_private": True,
            "webhook_timeout_seconds": 1,
            "webhook_breaker_failures": 100,
            **settings,
        }
        self.database = database
        self.app = NotifierApp(NotifierSettings(**told))
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app.asgi), base_url="http://notifier"
        )

    async def __aenter__(self) -> "Room":
        self.app._sender.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        await self.app._sender.stop()
        await self.app._poster.connections.close()
        self.app._resolver.close()
        await self.app._calling_engine.dispose()
        await self.app._relay_engine.dispose()
        await self.app._engine.dispose()

    async def decide(self, *messages: Message, tenant: str = "default") -> list[str]:
        """The ids of the final events."""
        heard = [an_event(message, tenant=tenant) for message in messages]
        given = await self.app._service.decide(heard)
        return [verdict.event.id for verdict in given]

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.http.request(method, f"/v1/webhooks{path}", **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def endpoint(self, url: str, **more: Any) -> Any:
        return await self.ask("POST", "/endpoints", 201, json={"url": url, **more})

    async def deliveries(self, **filters: Any) -> list[Any]:
        items: list[Any] = (await self.ask("GET", "/deliveries", params=filters))["items"]
        return items

    async def all_are(self, status: str, count: int = 1) -> list[Any]:
        """Once all deliveries are so."""

        async def so() -> list[Any]:
            found = await self.deliveries()
            assert [one["status"] for one in found] == [status] * count, found
            return found

        found: list[Any] = await soon(so)
        return found


async def soon(check: Callable[[], Awaitable[Any]]) -> Any:
    return await eventually(check, timeout=10)
