"""A service without broker and database, for `test_serve`: says what happens to it on stdout.

`python -m tests.integration.service.program <port> [failing] [slow] [stuck] [impatient]`
"""

import asyncio
import sys
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.observability import configure_logging, health_routes
from shared.service import ServiceSettings, serve


async def wait(_: Request) -> Response:
    """Never answers."""
    print("waiting", flush=True)
    await asyncio.Event().wait()
    return Response()


class Program:
    """Fails to start when it is `failing`, never ends when it is `slow`, not even when it is told
    to be quick when it is `stuck`.
    """

    asgi = Starlette(routes=[*health_routes({}), Route("/waiting", wait)])

    async def start(self) -> None:
        if "failing" in sys.argv:
            raise RuntimeError("cannot start")

    async def stop(self) -> None:
        print("stopping", flush=True)
        if "slow" in sys.argv:
            await asyncio.Event().wait()
        if "stuck" in sys.argv:
            time.sleep(60)  # noqa: ASYNC251 - as a driver does that waits in C
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
