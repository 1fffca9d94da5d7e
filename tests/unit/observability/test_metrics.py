"""What Prometheus is told of the parts that every service has."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from starlette.applications import Starlette

from shared.database.away import DatabaseUnavailableError
from shared.observability import Check, Reading, metrics_route, store_readings
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
    problem = None


async def scrape(
    registry: CollectorRegistry,
    relay: Relay | None = None,
    checks: Mapping[str, Check] | None = None,
    readings: Sequence[Reading] = (),
) -> str:
    route = metrics_route(
        registry, relay=relay, subscribers=[FakeSubscriber()], checks=checks, readings=readings
    )
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
    assert 'darkroom_consumer_held{queue="api.commands"} 0.0' in text


async def test_a_services_own_counters_and_the_process_are_there() -> None:
    registry = CollectorRegistry()
    Counter("darkroom_things", "Things.", registry=registry).inc()
    text = await scrape(registry)
    assert "darkroom_things_total 1.0" in text
    assert "process_resident_memory_bytes" in text


async def test_readiness_is_told_check_by_check() -> None:
    text = await scrape(
        CollectorRegistry(), checks={"database": lambda: None, "broker": lambda: "away"}
    )
    assert 'darkroom_ready{check="database"} 1.0' in text
    assert 'darkroom_ready{check="broker"} 0.0' in text


async def test_a_reading_that_fails_is_left_out_and_its_neighbours_are_there() -> None:
    async def good() -> list[Metric]:
        return [GaugeMetricFamily("darkroom_things", "Things.", 3)]

    async def bad() -> list[Metric]:
        raise DatabaseUnavailableError

    text = await scrape(CollectorRegistry(), readings=[bad, good])
    assert "darkroom_things 3.0" in text


async def test_the_disk_of_a_store_in_a_folder_is_measured(tmp_path: Path) -> None:
    text = await scrape(CollectorRegistry(), readings=store_readings(tmp_path.as_uri()))
    assert "darkroom_store_available_bytes " in text
    assert "darkroom_store_size_bytes " in text


async def test_a_folder_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    missing = tmp_path / "nobody made it"
    text = await scrape(CollectorRegistry(), readings=store_readings(missing.as_uri()))
    assert "darkroom_store" not in text


async def test_a_bucket_has_no_disk() -> None:
    assert store_readings("s3://bucket/prefix") == store_readings(None) == []
