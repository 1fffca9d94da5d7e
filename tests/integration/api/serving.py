"""The api in a process of its own, as it is deployed: what sockets do is seen from outside."""

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from services.api.settings import ApiSettings
from shared.testing import eventually

_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """One that nobody has right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(
    settings: ApiSettings, log: Path, *, port: int | None = None, **environment: str
) -> AsyncIterator[Served]:
    """Started and ready; `environment` are settings: `DARKROOM_HEARTBEAT_SECONDS="0.2"`."""
    port = port or free_port()
    told = {
        "DARKROOM_API_DATABASE_URL": settings.database_url,
        "DARKROOM_RABBITMQ_URL": settings.rabbitmq_url,
        "DARKROOM_STORE_URL": str(settings.store_url),
        "DARKROOM_API_PORT": str(port),
        "DARKROOM_CATALOGUE_SECONDS": "0.2",
    }
    with log.open("ab") as lines:
        process = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-m", "services.api", "serve"],
            env=os.environ | told | environment,
            stdout=lines,
            stderr=lines,
        )
    try:
        served = Served(port, process)
        await eventually(partial(_answers, served.url), timeout=_PATIENCE)
        yield served
    finally:
        process.terminate()
        process.wait(30)


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/health/ready")).status_code == 200


async def knows_cards(url: str) -> None:
    """Fails until the api knows what a card is."""
    async with httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/v1/generators/card")).status_code == 200
