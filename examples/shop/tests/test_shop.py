"""The shop with a Darkroom in memory: no servers, a few milliseconds."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi.testclient import TestClient
from shop.app import create_app

from shared.events import encode
from shared.testing import a_media_canceled, a_media_ready, an_event
from shared.testing.in_memory import DarkroomInMemory

HOOK = "http://shop.test/hooks/darkroom"
TEAPOT = {"id": "teapot", "name": "A teapot that pours", "price": "19 €"}


@pytest.fixture
def shop(darkroom_in_memory: DarkroomInMemory) -> Iterator[TestClient]:
    app = create_app(
        darkroom_in_memory.client(), hook=HOOK, secret=darkroom_in_memory.webhook_secret
    )
    with TestClient(app, base_url="http://shop.test") as client:
        yield client


def call_back(shop: TestClient, darkroom: DarkroomInMemory) -> list[int]:
    calls = [(call.url, call.body, call.headers) for call in darkroom.webhooks]
    return [
        shop.post(url, content=body, headers=headers).status_code for url, body, headers in calls
    ]


def test_a_product_gets_a_card(shop: TestClient, darkroom_in_memory: DarkroomInMemory) -> None:
    added = shop.post("/products", json=TEAPOT)

    [request] = darkroom_in_memory.requests
    assert request.input == {"title": "A teapot that pours", "subtitle": "19 €"}
    assert added.json()["card"] is None

    assert call_back(shop, darkroom_in_memory) == [204]

    [job_id] = darkroom_in_memory.jobs
    assert shop.get("/products/teapot").json()["card"] == f"/v1/media/{job_id}/content"


def test_a_product_that_is_added_again_has_one_card(
    shop: TestClient, darkroom_in_memory: DarkroomInMemory
) -> None:
    shop.post("/products", json=TEAPOT)
    shop.post("/products", json=TEAPOT)

    assert len(darkroom_in_memory.jobs) == 1


def test_being_called_twice_changes_nothing(
    shop: TestClient, darkroom_in_memory: DarkroomInMemory
) -> None:
    shop.post("/products", json=TEAPOT)

    first = call_back(shop, darkroom_in_memory), shop.get("/products/teapot").json()
    again = call_back(shop, darkroom_in_memory), shop.get("/products/teapot").json()

    assert first == again


def test_a_card_that_failed_is_a_problem_of_the_product(
    shop: TestClient, darkroom_in_memory: DarkroomInMemory
) -> None:
    darkroom_in_memory.will_fail("card", "no font can draw this title")
    shop.post("/products", json=TEAPOT)
    call_back(shop, darkroom_in_memory)

    product = shop.get("/products/teapot").json()
    assert (product["card"], product["problem"]) == (None, "no font can draw this title")


def test_a_name_that_no_card_can_hold_is_a_problem_at_once(
    shop: TestClient, darkroom_in_memory: DarkroomInMemory
) -> None:
    added = shop.post("/products", json={**TEAPOT, "name": ""})

    assert "title" in added.json()["problem"]
    assert darkroom_in_memory.jobs == {}


def test_a_stranger_is_not_heard(shop: TestClient) -> None:
    shop.post("/products", json=TEAPOT)
    lie = encode(an_event(a_media_ready(metadata={"product": "teapot"})))

    assert shop.post("/hooks/darkroom", content=lie).status_code == 401
    assert shop.get("/products/teapot").json()["card"] is None


def test_news_of_others_are_taken_and_forgotten() -> None:
    app = create_app(DarkroomInMemory().client(), hook=HOOK)
    with TestClient(app) as shop:
        for data in (a_media_ready(), a_media_canceled(metadata={"product": "kettle"})):
            said: httpx.Response = shop.post("/hooks/darkroom", content=encode(an_event(data)))
            assert said.status_code == 204
