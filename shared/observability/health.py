"""/health/live: the process answers. /health/ready: it can do its work now, or says why not.

The answer names every part, why it is not well, and since when that has been seen.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.clock import Clock, SystemClock
from shared.database.engine import Engine
from shared.errors import DarkroomError

Check = Callable[[], Awaitable[str | None] | str | None]
"""Answers None when all is well, else the reason why not. An exception is a reason too."""

CHECK_SECONDS = 2.0

_MIGRATED = text("SELECT to_regclass('alembic_version') IS NOT NULL")


def health_routes(checks: Mapping[str, Check], clock: Clock | None = None) -> list[Route]:
    """Both routes; the checks run at once, for two seconds at most each."""
    health = _Health(checks, clock or SystemClock())

    async def live(_: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> JSONResponse:
        await health.look()
        return JSONResponse(
            {
                "status": "not ready" if health.since else "ready",
                "checks": health.answers,
                "since": {name: moment.isoformat() for name, moment in health.since.items()},
            },
            status_code=503 if health.since else 200,
            headers={"Cache-Control": "no-store"},
        )

    return [
        Route("/health/live", live, methods=["GET"], include_in_schema=False),
        Route("/health/ready", ready, methods=["GET"], include_in_schema=False),
    ]


class _Health:
    """What the checks said last; `since` holds those that are not well."""

    def __init__(self, checks: Mapping[str, Check], clock: Clock) -> None:
        self._checks = dict(checks)
        self._clock = clock
        self.answers: dict[str, str] = {}
        self.since: dict[str, datetime] = {}

    async def look(self) -> None:
        """Ask all."""
        asked = await asyncio.gather(*(ask(check) for check in self._checks.values()))
        now = self._clock.now()
        for name, answer in zip(self._checks, asked, strict=True):
            self.answers[name] = answer or "ok"
            if answer is None:
                self.since.pop(name, None)
            else:
                self.since.setdefault(name, now)


def database_check(engine: Engine) -> Check:
    """The database answers and has been migrated."""

    async def check() -> str | None:
        async with engine.connect() as connection:
            migrated = (await connection.execute(_MIGRATED)).scalar_one()
        return None if migrated else "not migrated yet: run this service's `migrate`"

    return check


async def ask(check: Check) -> str | None:
    """What `check` finds, or that it takes too long, or fails; None when all is well."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            answer = check()
            return await answer if inspect.isawaitable(answer) else answer
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except DarkroomError as error:
        return error.detail
    except Exception as error:
        return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}".rstrip(": ")
