"""Live when it answers; ready when every check is content."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from shared.database.away import DatabaseUnavailableError
from shared.observability import Check, health, health_routes
from shared.testing import FixedClock


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
    checks = {"database": "ok", "broker": "ok"}
    assert answer.json() == {"status": "ready", "checks": checks, "since": {}}


async def test_not_ready_names_the_failing_check_and_why() -> None:
    answer = await get("/health/ready", {"database": well, "broker": lambda: "not connected yet"})
    assert answer.status_code == 503
    assert answer.json()["status"] == "not ready"
    assert answer.json()["checks"] == {"database": "ok", "broker": "not connected yet"}


async def test_since_when_it_is_not_well_is_told_until_it_is_well_again() -> None:
    clock, reason = FixedClock(), "away"
    routes = health_routes({"database": well, "broker": lambda: reason or None}, clock)
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        seen = [(await client.get("/health/ready")).json()["since"]]
        clock.advance(timedelta(seconds=60))
        reason = "still away, for another reason"
        seen.append((await client.get("/health/ready")).json()["since"])
        reason = ""
        seen.append((await client.get("/health/ready")).json()["since"])
    assert list(seen[0]) == ["broker"]
    assert seen[1] == seen[0]
    assert seen[2] == {}


async def test_an_error_with_a_name_speaks_for_itself() -> None:
    async def away() -> None:
        raise DatabaseUnavailableError("Postgres does not answer.")

    answer = await get("/health/ready", {"database": away})
    assert answer.json()["checks"] == {"database": "Postgres does not answer."}


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
