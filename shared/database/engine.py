"""Engines with the settings that the rest relies on."""

from datetime import timedelta

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

IDLE_IN_TRANSACTION = timedelta(seconds=60)
"""Above the relay's publish timeout: Postgres ends what a frozen process left open."""


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
    return create_async_engine(
        async_url(url),
        pool_size=pool_size,
        max_overflow=5,
        pool_pre_ping=False,
        pool_recycle=1800,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 10,
            "command_timeout": 60,
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
