"""Who is refused is counted, whichever way he came in."""

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.models import Scope
from services.api.routes import http_app
from services.api.service import ApiServices
from shared.http import protocol_for
from tests.unit.api.guarded import SOME_JOB, UNKNOWN, a_key, refused
from tests.unit.http.wire import Served


def counted(registry: CollectorRegistry) -> tuple[float | None, float | None]:
    """How many were unknown, and how many may not."""
    unknown, may_not = (
        registry.get_sample_value("darkroom_api_refused_callers_total", {"reason": reason})
        for reason in ("unauthenticated", "scope_missing")
    )
    return unknown, may_not


@pytest.mark.parametrize("http", ["httptools", "direct"])
@pytest.mark.parametrize("path", [SOME_JOB, "/v1/generators", "/v1/nothing"])
async def test_callers_who_are_refused_are_counted_by_the_reason(
    services: ApiServices, registry: CollectorRegistry, http: str, path: str
) -> None:
    app = http_app(services, keys_needed=True)
    _, webhooks_only = await a_key(services, Scope.WEBHOOKS_READ)
    _, reader = await a_key(services, Scope.MEDIA_READ)
    assert counted(registry) == (0, 0)

    async with Served(app, protocol_for(app) if http == "direct" else http).running() as served:

        async def ask(headers: str) -> None:
            said = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n"
            await served.hear(said.encode())

        await ask("")
        await ask(f"Authorization: Bearer {UNKNOWN}\r\n")
        await ask(f"Authorization: {webhooks_only['authorization']}\r\n")
        await ask(f"Authorization: {reader['authorization']}\r\n")
        await ask(f"Authorization: {reader['authorization']}\r\nX-Darkroom-Tenant: rival\r\n")

    assert counted(registry) == (2, 1 if path == "/v1/nothing" else 2)


async def test_a_scope_that_nobody_hands_out_without_having_it_is_counted_too(
    services: ApiServices, registry: CollectorRegistry, client: httpx.AsyncClient
) -> None:
    _, header = await a_key(services, Scope.KEYS)

    wanted = {"name": "more", "scopes": ["operate"]}
    answer = await client.post("/v1/keys", json=wanted, headers=header)

    refused(answer, 403, "scope_missing")
    assert counted(registry) == (0, 1)
