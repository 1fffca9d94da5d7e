"""Live when it answers; ready when every check is content."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette

from shared.observability import Check, health, health_routes


async def get(path: str, checks: Mapping[str, Check]) -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=health_routes(checks)))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.get(path)


async def well() -> None:
    return None


async def hanging() -> None:
    await asyncio.Event().wait()


async def failing() -> str:
    raise ConnectionRefusedError("port 5432\nwith a long story")


async def test_ready_when_all_checks_are_content() -> None:
    answer = await get("/health/ready", {"database": well, "broker": lambda: None})
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": {"database": "ok", "broker": "ok"}}


async def test_not_ready_names_the_failing_check_and_why() -> None:
    answer = await get("/health/ready", {"database": well, "broker": lambda: "not connected yet"})
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "checks": {"database": "ok", "broker": "not connected yet"},
    }


async def test_a_check_that_breaks_is_a_reason() -> None:
    answer = await get("/health/ready", {"database": failing})
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "ConnectionRefusedError: port 5432"


async def test_a_check_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.01)
    answer = await get("/health/ready", {"database": hanging, "broker": well})
    assert answer.json()["checks"] == {"database": "no answer within 0.01 s", "broker": "ok"}


async def test_live_whatever_the_checks_say() -> None:
    answer = await get("/health/live", {"database": failing})
    assert answer.status_code == 200
