"""How often a tenant may call, and what it is told of that, on both ways into the api.

`RateLimiting` stands before the framework and behind the door that says who calls; `limited` wraps
an answer past the framework. The headers are those of draft-ietf-httpapi-ratelimit-headers-11: `r`
is what is left as far as this process knows, `t` the seconds until there is one more.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.models import Caller, Policy
from services.api.service.allowances import Allowance
from services.api.service.rates import RateLimits
from shared.errors import RateLimitedError
from shared.http import DirectRequest, problem_response
from shared.http.direct import Answer

API: Final = "/v1/"
SETTING: Final = "/v1/limits/"
"""Not counted: whoever has used up a limit may still raise it."""

_CALLS: Final = (Policy.REQUESTS,)
_ASKING: Final = (Policy.REQUESTS, Policy.JOBS)
Explain = Callable[[Exception, DirectRequest], Awaitable[Response]]
Headers = list[tuple[bytes, bytes]]


class RateLimiting:
    """ASGI middleware: 429 for those who call too often."""

    def __init__(self, app: ASGIApp, rates: RateLimits) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowances = self._allowances(scope)
        if not allowances:
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *limit_headers(allowances)]
            await send(message)

        refusal = await _counted(self._rates, allowances)
        if refusal is None:
            await self._app(scope, receive, send_with_headers)
        else:
            await problem_response(refusal, scope["path"])(scope, receive, send_with_headers)

    def _allowances(self, scope: Scope) -> Sequence[Allowance]:
        if scope["type"] != "http":
            return ()
        path = scope["path"]
        if not path.startswith(API) or path.startswith(SETTING):
            return ()
        caller: Caller = scope["state"]["caller"]
        return _of(self._rates, caller.tenant, _policies(scope["method"], path))


def limited(rates: RateLimits, answer: Answer, explain: Explain, *, asks: bool) -> Answer:
    """The same answer, for those who do not call too often; `asks`: for a job."""
    policies = _ASKING if asks else _CALLS

    def limited_answer(request: DirectRequest) -> Awaitable[Response]:
        allowances = _of(rates, request.state.caller.tenant, policies)
        return (
            _limited(rates, allowances, answer, explain, request) if allowances else answer(request)
        )

    return limited_answer


async def _limited(
    rates: RateLimits,
    allowances: Sequence[Allowance],
    answer: Answer,
    explain: Explain,
    request: DirectRequest,
) -> Response:
    refusal = await _counted(rates, allowances)
    if refusal is None:
        try:
            response = await answer(request)
        except Exception as error:
            response = await explain(error, request)
    else:
        response = problem_response(refusal, request.path)
    response.raw_headers += limit_headers(allowances)
    return response


def limit_headers(allowances: Sequence[Allowance]) -> Headers:
    """`RateLimit-Policy` and `RateLimit`, as structured fields (RFC 9651)."""
    standing = [(one, left) for one in allowances if (left := one.left) is not None]
    headers = [(b"ratelimit-policy", b", ".join([one.said for one in allowances]))]
    if standing:
        told = [f'"{one.policy}";r={left};t={one.seconds_to_next}' for one, left in standing]
        headers.append((b"ratelimit", ", ".join(told).encode()))
    return headers


def _policies(method: str, path: str) -> Sequence[Policy]:
    """Of what the answer tells."""
    asks = method == "POST" and (
        path in {"/v1/media", "/v1/media/batch"}
        or (path.startswith("/v1/media/") and path.endswith("/retry"))
    )
    return _ASKING if asks else _CALLS


def _of(rates: RateLimits, tenant: str, policies: Sequence[Policy]) -> Sequence[Allowance]:
    return [found for one in policies if (found := rates.find(tenant, one)) is not None]


async def _counted(rates: RateLimits, allowances: Sequence[Allowance]) -> RateLimitedError | None:
    """One call more, where calls are limited; jobs are counted when they are accepted."""
    first = allowances[0]
    return await rates.take(first) if first.policy is Policy.REQUESTS else None
