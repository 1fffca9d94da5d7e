"""/health/live: the process answers. /health/ready: it can do its work now, or says why not."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Check = Callable[[], Awaitable[str | None] | str | None]
"""Answers None when all is well, else the reason why not. An exception is a reason too."""

CHECK_SECONDS = 2.0

_MIGRATED = text("SELECT to_regclass('alembic_version') IS NOT NULL")


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """Both routes; the checks run at once, for two seconds at most each."""

    async def live(_: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> JSONResponse:
        answers = await asyncio.gather(*(_ask(check) for check in checks.values()))
        well = all(answer is None for answer in answers)
        return JSONResponse(
            {
                "status": "ready" if well else "not ready",
                "checks": dict(zip(checks, (answer or "ok" for answer in answers), strict=True)),
            },
            status_code=200 if well else 503,
            headers={"Cache-Control": "no-store"},
        )

    return [
        Route("/health/live", live, methods=["GET"], include_in_schema=False),
        Route("/health/ready", ready, methods=["GET"], include_in_schema=False),
    ]


def database_check(engine: AsyncEngine) -> Check:
    """The database answers and has been migrated."""

    async def check() -> str | None:
        async with engine.connect() as connection:
            migrated = (await connection.execute(_MIGRATED)).scalar_one()
        return None if migrated else "not migrated yet: run this service's `migrate`"

    return check


async def _ask(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            answer = check()
            return await answer if inspect.isawaitable(answer) else answer
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:
        return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}".rstrip(": ")
