"""What Prometheus is told of the parts that every service has."""

import httpx
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette

from shared.database.away import DatabaseUnavailableError
from shared.observability import metrics_route
from shared.observability.metrics import Relay


class FakeRelay:
    """A relay with a story; its database can be away."""

    published = 7
    quarantined = 1

    def __init__(self, *, away: bool = False) -> None:
        self.away = away

    async def backlog(self) -> dict[str, float]:
        if self.away:
            raise DatabaseUnavailableError
        return {"waiting": 3, "quarantined": 1, "oldest_seconds": 2.5}


class FakeSubscriber:
    """A consumer with a story."""

    queue = "api.commands"
    handled = 12
    dead_lettered = 2
    consuming = True


async def scrape(registry: CollectorRegistry, relay: Relay | None = None) -> str:
    route = metrics_route(registry, relay=relay, subscribers=[FakeSubscriber()])
    transport = httpx.ASGITransport(Starlette(routes=[route]))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


async def test_the_outbox_is_measured() -> None:
    text = await scrape(CollectorRegistry(), FakeRelay())
    assert "darkroom_outbox_published_total 7.0" in text
    assert "darkroom_outbox_quarantined_total 1.0" in text
    assert "darkroom_outbox_waiting 3.0" in text
    assert "darkroom_outbox_oldest_seconds 2.5" in text


async def test_an_outbox_that_cannot_be_read_is_left_out() -> None:
    text = await scrape(CollectorRegistry(), FakeRelay(away=True))
    assert "darkroom_outbox_waiting" not in text
    assert "darkroom_outbox_published_total 7.0" in text


async def test_consumers_are_counted_by_queue() -> None:
    text = await scrape(CollectorRegistry())
    assert 'darkroom_messages_handled_total{queue="api.commands"} 12.0' in text
    assert 'darkroom_messages_dead_lettered_total{queue="api.commands"} 2.0' in text
    assert 'darkroom_consuming{queue="api.commands"} 1.0' in text


async def test_a_services_own_counters_and_the_process_are_there() -> None:
    registry = CollectorRegistry()
    Counter("darkroom_things", "Things.", registry=registry).inc()
    text = await scrape(registry)
    assert "darkroom_things_total 1.0" in text
    assert "process_resident_memory_bytes" in text
