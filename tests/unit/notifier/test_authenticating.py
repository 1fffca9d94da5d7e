"""With a token the notifier answers the api, and nobody else."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.notifier.routes.authenticating import OnlyTheApi

TOKEN = "0123456789abcdef0123456789abcdef"
PATHS = ["/v1/webhooks/endpoints", "/health/live", "/health/ready", "/metrics", "/other"]


async def _here(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.path)


@pytest.fixture
def http() -> httpx.AsyncClient:
    app = OnlyTheApi(Starlette(routes=[Route(path, _here) for path in PATHS]), TOKEN)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notifier")


async def test_who_says_the_token_is_answered(http: httpx.AsyncClient) -> None:
    known = {"Authorization": f"Bearer {TOKEN}"}
    answer = await http.get("/v1/webhooks/endpoints", headers=known)
    assert (answer.status_code, answer.text) == (200, "/v1/webhooks/endpoints")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", "Bearer")],
        [("authorization", TOKEN)],
        [("authorization", f"Bearer {TOKEN}x")],
        [("authorization", f"Bearer {TOKEN[:-1]}")],
        [("authorization", "Bearer t\xf6ken".encode("latin-1"))],
        [("authorization", f"Bearer {TOKEN}"), ("authorization", "Bearer other")],
        [("x-darkroom-tenant", "shop")],
    ],
)
async def test_others_are_told_to_ask_the_api(
    http: httpx.AsyncClient, headers: list[tuple[str, str | bytes]]
) -> None:
    raw = [(k.encode(), v if isinstance(v, bytes) else v.encode()) for k, v in headers]
    for path in ("/v1/webhooks/endpoints", "/other", "/missing"):
        answer = await http.get(path, headers=raw)
        assert answer.status_code == 401
        assert answer.json()["code"] == "unauthenticated"
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
        assert TOKEN not in answer.text


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
async def test_whoever_watches_it_needs_no_token(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 200
