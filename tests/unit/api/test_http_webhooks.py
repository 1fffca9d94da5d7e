"""/v1/webhooks is forwarded to the notifier as it is, and says so when that is away."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.api.routes import http_app
from services.api.service import ApiServices
from services.api.service.notifier import Notifier
from tests.receivers import Receiver, Reply, listening

ID = "019ab7f0-0000-7000-8000-000000000001"


@pytest.fixture
async def notifier() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


@pytest.fixture
async def http(services: ApiServices, notifier: Receiver) -> AsyncIterator[httpx.AsyncClient]:
    door = Notifier(notifier.url.removesuffix("/hook"))
    transport = httpx.ASGITransport(http_app(services, notifier=door))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client
    await door.close()


async def test_method_query_body_and_answer_pass_unchanged(
    http: httpx.AsyncClient, notifier: Receiver
) -> None:
    problem = {"content-type": "application/problem+json", "retry-after": "7"}
    notifier.behaviour = lambda _call, _before: Reply(409, b'{"status":409}', problem)
    answer = await http.post("/v1/webhooks/replay", json={"status": "all"})
    assert (answer.status_code, answer.json()) == (409, {"status": 409})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "7"
    [call] = notifier.received
    assert (call.path, call.body) == ("/v1/webhooks/replay", b'{"status":"all"}')
    assert call.headers["x-darkroom-tenant"] == "default"


async def test_an_idempotency_key_is_passed_on_and_nothing_else(
    http: httpx.AsyncClient, notifier: Receiver
) -> None:
    sent = {"Idempotency-Key": "one two", "X-More": "1"}
    await http.post("/v1/webhooks/endpoints", json={"url": "https://x"}, headers=sent)
    [call] = notifier.received
    assert call.headers["idempotency-key"] == "one two"
    assert "x-more" not in call.headers
    sent["Idempotency-Key"] = "x" * 256
    answer = await http.post("/v1/webhooks/endpoints", json={}, headers=sent)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"


async def test_the_notifier_hears_for_whom_somebody_acts(
    http: httpx.AsyncClient, notifier: Receiver
) -> None:
    """Without keys everybody is an operator, who may."""
    await http.get("/v1/webhooks/deliveries?limit=3", headers={"X-Darkroom-Tenant": "others"})
    [call] = notifier.received
    assert call.headers["x-darkroom-tenant"] == "others"
    assert call.path == "/v1/webhooks/deliveries?limit=3"


@pytest.mark.parametrize(
    "path",
    [
        f"endpoints/{ID}",
        f"endpoints/{ID}/secret",
        f"deliveries/{ID}",
        "secret",
        "endpoints",
    ],
)
async def test_everything_is_reached(
    http: httpx.AsyncClient, notifier: Receiver, path: str
) -> None:
    notifier.behaviour = lambda call, _: Reply(200, call.path.encode())
    assert (await http.get(f"/v1/webhooks/{path}")).text == f"/v1/webhooks/{path}"


async def test_a_body_has_to_be_json(http: httpx.AsyncClient, notifier: Receiver) -> None:
    answer = await http.post("/v1/webhooks/endpoints", content=b"url=x")
    assert answer.status_code == 415
    answer = await http.get("/v1/webhooks/deliveries", params={"limit": "0"})
    assert answer.status_code == 422
    assert not notifier.received


async def test_without_a_notifier_it_is_503(services: ApiServices) -> None:
    for door in (Notifier(None), Notifier("http://127.0.0.1:9")):
        transport = httpx.ASGITransport(http_app(services, notifier=door))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            answer = await client.get("/v1/webhooks/endpoints")
        assert answer.status_code == 503
        assert answer.json()["code"] == "notifier_away"
        assert answer.headers["retry-after"]
        await door.close()


async def test_the_notifier_knows_the_api_by_its_token(
    services: ApiServices, notifier: Receiver
) -> None:
    door = Notifier(notifier.url.removesuffix("/hook"), "0123456789abcdef0123456789abcdef")
    transport = httpx.ASGITransport(http_app(services, notifier=door))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        await client.get("/v1/webhooks/endpoints", headers={"Authorization": "Bearer mine"})
    [call] = notifier.received
    assert call.headers["authorization"] == "Bearer 0123456789abcdef0123456789abcdef"
    await door.close()


async def test_who_asks_is_not_to_blame_for_the_tokens(
    http: httpx.AsyncClient, notifier: Receiver
) -> None:
    notifier.behaviour = lambda _call, _before: Reply(401, b"{}", {"www-authenticate": "Bearer"})
    answer = await http.get("/v1/webhooks/endpoints")
    assert answer.status_code == 503
    assert answer.json()["code"] == "notifier_away"
    assert "tokens differ" in answer.json()["detail"]
