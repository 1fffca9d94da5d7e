"""A service without broker and database, for `test_serve`: says what happens to it on stdout.

`python -m tests.integration.service.program <port> [failing] [slow]`
"""

import asyncio
import sys

from starlette.applications import Starlette

from shared.observability import configure_logging, health_routes
from shared.service import ServiceSettings, serve


class Program:
    """Fails to start when it is `failing`, and never ends when it is `slow`."""

    asgi = Starlette(routes=health_routes({}))

    async def start(self) -> None:
        if "failing" in sys.argv:
            raise RuntimeError("cannot start")

    async def stop(self) -> None:
        print("stopping", flush=True)
        if "slow" in sys.argv:
            await asyncio.Event().wait()
        print("stopped", flush=True)


if __name__ == "__main__":
    configure_logging("program")
    settings = ServiceSettings(
        database_url="postgresql://none/none",
        rabbitmq_url="amqp://none",
        port=int(sys.argv[1]),
        grace_seconds=0.5 if "impatient" in sys.argv else 60,
    )
    sys.exit(serve(Program, settings))
