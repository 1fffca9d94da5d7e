"""The shop with a whole Darkroom, where each test is a tenant of its own."""

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from shop.app import create_app

from deploy.testing import DarkroomTenant
from shared.testing import eventually_sync


@pytest.fixture
def shop(darkroom_tenant: DarkroomTenant) -> Iterator[httpx.Client]:
    """The shop as a server on this machine, for Darkroom calls it back."""
    door = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    app = create_app(
        darkroom_tenant.async_client(),
        hook=f"{url}/hooks/darkroom",
        secret=darkroom_tenant.webhook_secret,
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
    thread.start()
    try:
        with httpx.Client(base_url=url) as http:
            yield http
    finally:
        server.should_exit = True
        thread.join()
        door.close()


def test_a_card_is_made_and_can_be_fetched(
    shop: httpx.Client, darkroom_tenant: DarkroomTenant
) -> None:
    shop.post("/products", json={"id": "teapot", "name": "A teapot", "price": "19 €"})

    def card_of_the_teapot() -> str:
        product = shop.get("/products/teapot").json()
        assert product["card"], product["problem"]
        return str(product["card"])

    path = eventually_sync(card_of_the_teapot, timeout=30)
    key = {"authorization": f"Bearer {darkroom_tenant.api_key}"}
    picture = httpx.get(f"{darkroom_tenant.url}{path}", headers=key)
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_a_card_that_cannot_be_made_is_told(shop: httpx.Client) -> None:
    added = shop.post("/products", json={"id": "nameless", "name": "", "price": "1 €"})

    assert "title" in added.json()["problem"]
