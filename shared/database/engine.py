"""Engines with the settings that the rest relies on.

Nothing waits for ever: connecting, a statement, a free connection and closing have limits each.
Neighbours: `away` names what a database that is away raises, `unit_of_work` limits the whole.
"""

import asyncio
from datetime import timedelta

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.database.away import watch_connections

IDLE_IN_TRANSACTION = timedelta(seconds=20)
"""Above the publisher's time-out, which the relay may wait out in a transaction.

Postgres ends what a frozen process left open: until then the rows that it has locked are nobody's,
a job among them is not taken over though its lease is over.
"""
CONNECT_SECONDS = 3
STATEMENT_SECONDS = 30
POOL_SECONDS = 3
CLOSE_SECONDS = 2

log = structlog.get_logger(__name__)


def async_url(url: str) -> str:
    """Any Postgres URL, for asyncpg."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError(f"not a Postgres URL: {scheme}://… (use postgresql+asyncpg://…)")
    return f"postgresql+asyncpg://{rest}"


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


def create_engine(url: str, *, application: str, pool_size: int = 10) -> AsyncEngine:
    """An engine, not yet connected; `application` is the name that ops see in Postgres."""
    engine = create_async_engine(
        async_url(url),
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=POOL_SECONDS,
        pool_recycle=1800,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": STATEMENT_SECONDS,
            "server_settings": {
                "application_name": application,
                "jit": "off",
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": str(
                    int(IDLE_IN_TRANSACTION.total_seconds() * 1000)
                ),
            },
        },
    )
    watch_connections(engine)
    return engine


async def close_engine(engine: AsyncEngine) -> None:
    """Say goodbye; a database that does not answer is left without it."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await engine.dispose()
    except Exception as error:
        log.info("database.not_closed", error=repr(error))
