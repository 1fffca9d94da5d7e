"""Money and doubt through all three services: what is asked for, ordered, decided, and paid."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.api.app import ApiApp
from services.api.settings import ApiSettings
from shared.testing import eventually
from tests.conftest import MakeDatabase
from tests.integration.generator.harness import serving, told
from tests.integration.generator.ordering import NAME, PRICE, FakeProvider, install
from tests.integration.notifier.conftest import a_notifier

BODY = {"generator": NAME, "input": {}, "max_attempts": 1}


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    provider = install(tmp_path / "plugin", monkeypatch)
    provider.finished.set()
    return provider


@pytest.fixture
async def client(
    make_database: MakeDatabase, rabbitmq_url: str, tmp_path: Path, provider: FakeProvider
) -> AsyncIterator[httpx.AsyncClient]:
    """An api with its neighbours, and the generator that costs announced."""
    settings = ApiSettings(
        database_url=make_database("api"),
        rabbitmq_url=rabbitmq_url,
        store_url=(tmp_path / "store").as_uri(),
        port=0,
        catalogue_seconds=0.2,
    )
    notifier = a_notifier(make_database("notifier"), rabbitmq_url)
    api = ApiApp(settings)
    generator = told(make_database("generator"), rabbitmq_url, tmp_path, generators=NAME)
    async with AsyncExitStack() as stack:
        for app in (api, notifier):
            await app.start()
            stack.push_async_callback(app.stop)
        await stack.enter_async_context(serving(generator))
        transport = httpx.ASGITransport(app=api.asgi)
        client = httpx.AsyncClient(transport=transport, base_url="http://api")
        client = await stack.enter_async_context(client)
        await eventually(lambda: _must_be_announced(client), timeout=30)
        yield client


async def _must_be_announced(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/v1/generators/{NAME}")).json().get("max_cost") == 2 * PRICE


async def asked(client: httpx.AsyncClient, status: int = 202) -> dict[str, Any]:
    answer = await client.post("/v1/media", json=BODY)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def becomes(client: httpx.AsyncClient, job: dict[str, Any], status: str) -> dict[str, Any]:
    async def look() -> dict[str, Any]:
        found: dict[str, Any] = (await client.get(job["urls"]["self"])).json()
        assert found["status"] == status, found
        return found

    return await eventually(look, timeout=30)


async def decided(client: httpx.AsyncClient, job: dict[str, Any], **decision: str) -> None:
    answer = await client.post(f"{job['urls']['self']}/reconcile", json=decision)
    assert answer.status_code == 202, answer.text


async def test_what_was_ordered_is_attached_and_paid_once(
    client: httpx.AsyncClient, provider: FakeProvider
) -> None:
    await client.put("/v1/budget", json={"limit": 3 * PRICE})
    provider.loses_answers = 1

    job = await asked(client)
    assert (await asked(client, 402))["code"] == "budget_exhausted"
    parked = await becomes(client, job, "needs_reconciliation")
    assert parked["reconciliation"]["provider"] == "fake"
    await decided(client, job, resolution="attach", provider_job_id="order-1")

    ready = await becomes(client, job, "ready")
    assert (ready["cost"], ready["error"]) == (PRICE, None)
    assert [one.get("cost") for one in ready["attempts"]] == [None, PRICE]
    assert {one["backend"] for one in ready["attempts"]} == {"fake"}
    assert provider.orders == provider.waited_for == ["order-1"]
    budget = (await client.get("/v1/budget")).json()
    assert (budget["spent"], budget["reserved"], budget["left"]) == (PRICE, 0, 2 * PRICE)


async def test_what_never_arrived_is_ordered_again(
    client: httpx.AsyncClient, provider: FakeProvider
) -> None:
    provider.loses_answers = 1
    job = await asked(client)
    await becomes(client, job, "needs_reconciliation")

    await decided(client, job, resolution="resubmit")

    assert (await becomes(client, job, "ready"))["cost"] == PRICE
    assert provider.orders == ["order-1", "order-2"]


async def test_what_is_given_up_fails_and_sets_its_money_free(
    client: httpx.AsyncClient, provider: FakeProvider
) -> None:
    await client.put("/v1/budget", json={"limit": 2 * PRICE, "period": "total"})
    provider.loses_answers = 1
    job = await asked(client)
    await becomes(client, job, "needs_reconciliation")

    await decided(client, job, resolution="fail", reason="The invoice does not show it.")

    failed = await becomes(client, job, "failed")
    assert failed["error"]["code"] == "outcome_unknown"
    assert failed["error"]["message"] == "The invoice does not show it."
    assert failed["cost"] is None
    assert (await client.get("/v1/budget")).json()["left"] == 2 * PRICE
    await becomes(client, await asked(client), "ready")


async def test_what_is_in_doubt_can_be_canceled(
    client: httpx.AsyncClient, provider: FakeProvider
) -> None:
    provider.loses_answers = 1
    job = await asked(client)
    parked = await becomes(client, job, "needs_reconciliation")

    assert (await client.post(parked["urls"]["cancel"])).status_code == 202

    await becomes(client, job, "canceled")
    answer = await client.post(f"{job['urls']['self']}/reconcile", json={"resolution": "resubmit"})
    assert answer.status_code == 409
