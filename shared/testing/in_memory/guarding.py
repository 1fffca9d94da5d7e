"""The door of the in-memory Darkroom, where it wants a key."""

import httpx

from shared.problem import CONTENT_TYPE, problem_of
from shared.testing.in_memory.refusals import UnauthenticatedError

_WRONG = "There is no such key."


class GuardedTransport(httpx.AsyncBaseTransport):
    """Lets those in who say the key, before anything is looked at."""

    def __init__(self, inner: httpx.AsyncBaseTransport, api_key: str) -> None:
        self._inner = inner
        self._expected = f"Bearer {api_key}"

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        said = request.headers.get("authorization")
        if said == self._expected:
            return await self._inner.handle_async_request(request)
        error = UnauthenticatedError() if said is None else UnauthenticatedError(_WRONG)
        headers = {"content-type": CONTENT_TYPE, "www-authenticate": "Bearer"}
        problem = problem_of(error, request.url.path)
        return httpx.Response(error.status, json=problem, headers=headers)
