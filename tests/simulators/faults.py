"""How a server can misbehave. A fault is given the request and a way to do what was asked for."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

Do = Callable[[], Awaitable[Response]]
Fault = Callable[[Request, Do], Awaitable[Response]]


class Faults:
    """What goes wrong next, by door; what is not planned goes well."""

    def __init__(self) -> None:
        self._planned: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def plan(self, door: str, *faults: Fault) -> None:
        """The next calls at this door, one fault each."""
        self._planned[door].extend(faults)

    async def pass_through(self, door: str, request: Request, do: Do) -> Response:
        """Do it, or what is planned."""
        planned = self._planned[door]
        return await (planned.popleft()(request, do) if planned else do())


async def fine(request: Request, do: Do) -> Response:
    """No fault: to let some calls pass before one goes wrong."""
    return await do()


def answers(status: int, body: Any = None, **headers: str) -> Fault:
    """Answers this, and does nothing; `retry_after` becomes the header `Retry-After`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def fault(request: Request, do: Do) -> Response:
        return JSONResponse(body or {"detail": "No."}, status, named)

    return fault


def does_but_answers(status: int, body: Any = "upstream timed out") -> Fault:
    """Does it, but a gateway in front says something else: it has lost patience, or mixes up."""

    async def fault(request: Request, do: Do) -> Response:
        await do()
        return JSONResponse(body, status)

    return fault


def says(text: str) -> Fault:
    """Answers with this text, as an event stream, and does nothing."""

    async def fault(request: Request, do: Do) -> Response:
        return Response(text, media_type="text/event-stream")

    return fault


def then(happens: Callable[[], None]) -> Fault:
    """Something happens before it is done."""

    async def fault(request: Request, do: Do) -> Response:
        happens()
        return await do()

    return fault


async def cut_before(request: Request, do: Do) -> Response:
    """The connection breaks, and nothing was done."""
    return _Cut()


async def cut_after(request: Request, do: Do) -> Response:
    """It is done, and the connection breaks before the answer."""
    await do()
    return _Cut()


async def cut_in_the_middle(request: Request, do: Do) -> Response:
    """It is done, and half of the answer arrives."""
    return _Cut(await do())


def slow(seconds: float) -> Fault:
    """It is done at once, and answered later."""

    async def fault(request: Request, do: Do) -> Response:
        answer = await do()
        await asyncio.sleep(seconds)
        return answer

    return fault


class _Cut(Response):
    def __init__(self, cut: Response | None = None) -> None:
        super().__init__()
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._cut is not None:
            body = bytes(self._cut.body)
            headers = self._cut.raw_headers
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            part = body[: len(body) // 2]
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0.05)
        cycle: Any = receive.__self__  # type: ignore[attr-defined]
        cycle.transport.abort()
        await asyncio.sleep(0.05)
