"""The api between a real broker and a real database; the other services are played by hand."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.api.app import ApiApp
from services.api.models import ApiTable
from services.api.settings import ApiSettings
from shared.events import Asset, MediaRejected, MediaRequested
from shared.messaging import topology
from shared.messaging.outgoing import Outgoing, outgoing
from shared.service.migrate import Migrations
from shared.storage import from_url
from shared.testing import (
    MOMENT,
    a_generator_announced,
    a_media_generated,
    a_media_progressed,
    a_media_ready,
    a_media_request,
    a_media_retrying,
    a_media_started,
    an_asset,
    an_event,
    eventually,
)
from tests.backends import Backend
from tests.integration.api.looking import status_is
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.builders import CARD

PICTURE = b"\x89PNG and so on"
REQUEST = {"generator": "card", "input": CARD}


async def a_stored_asset(settings: ApiSettings, path: Path) -> Asset:
    """A picture in the store, as the generator leaves it there."""
    await asyncio.to_thread(path.write_bytes, PICTURE)
    assert settings.store_url
    kept = await from_url(settings.store_url).put_file(path)
    return an_asset(sha256=kept.sha256, size=kept.size)


async def a_job_becomes_ready(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    job_id = (await client.post("/v1/media", json=REQUEST)).json()["id"]
    await neighbours.say(a_media_ready(job_id=job_id))
    await status_is(client, job_id, "ready")


async def dead_letters(client: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    async def check() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await client.get("/v1/dead-letters")).json()["items"]
        assert len(items) == count, items
        return items

    return await eventually(check, 20)


async def test_the_migrated_schema_is_that_of_the_models(settings: ApiSettings) -> None:
    assert await Migrations("api", settings.database_url).problems(ApiTable.metadata) == []


@pytest.mark.usefixtures("cards")
async def test_a_request_becomes_media(
    client: httpx.AsyncClient, neighbours: Neighbours, settings: ApiSettings, tmp_path: Path
) -> None:
    job_id = (await client.post("/v1/media", json=REQUEST)).json()["id"]
    [requested] = await neighbours.requested()
    assert isinstance(requested.data, MediaRequested)
    assert requested.subject == job_id
    assert requested.data.input == CARD

    await neighbours.say(a_media_started(job_id=job_id))
    await neighbours.say(a_media_progressed(job_id=job_id, percent=70))
    await status_is(client, job_id, "running")

    async def progressing() -> None:
        job = (await client.get(f"/v1/media/{job_id}")).json()
        assert job["progress"]["percent"] == 70

    await eventually(progressing)

    assets = [await a_stored_asset(settings, tmp_path / "card.png")]
    await neighbours.say(
        a_media_ready(job_id=job_id, assets=assets), a_media_generated(job_id=job_id, assets=assets)
    )

    job = await status_is(client, job_id, "ready")
    content = await client.get(job["assets"][0]["url"])
    assert content.content == PICTURE
    assert content.headers["etag"] == f'"{assets[0].sha256}"'


@pytest.mark.usefixtures("cards")
async def test_whoever_prefers_to_wait_is_answered_at_the_end(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    waiting = asyncio.create_task(
        client.post("/v1/media", json=REQUEST, headers={"Prefer": "wait=30"})
    )
    [requested] = await neighbours.requested()
    await neighbours.say(a_media_ready(job_id=requested.subject))

    answer = await waiting

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


@pytest.mark.usefixtures("cards")
async def test_events_in_any_order_and_twice_end_in_the_same_job(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    job_id = (await client.post("/v1/media", json=REQUEST)).json()["id"]
    story = [
        build(job_id=job_id)
        for build in (a_media_ready, a_media_generated, a_media_retrying, a_media_started)
    ]

    await neighbours.say(*story, *story)
    job = await status_is(client, job_id, "ready")

    assert [attempt["number"] for attempt in job["attempts"]] == [1]


@pytest.mark.usefixtures("cards")
async def test_a_thousand_commands_with_a_bad_one_among_them(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    answers = await neighbours.listen("media.rejected.#")
    bad = an_event(a_media_request(input={"colour": "red"}), event_id="bad", tenant="acme")
    good = [an_event(a_media_request(), event_id=f"c-{n}") for n in range(1000)]

    await neighbours.send(outgoing(event) for event in [*good[:500], bad, *good[500:]])
    requested = await neighbours.requested(1000)
    [rejected] = await neighbours.taken(answers)

    assert {event.causationid for event in requested} == {event.id for event in good}
    assert isinstance(rejected.data, MediaRejected)
    assert (rejected.causationid, rejected.tenant) == ("bad", "acme")
    assert {error["pointer"] for error in rejected.data.problem["errors"]} == {
        "/input/colour",
        "/input/title",
    }
    assert (await client.get("/v1/dead-letters")).json()["items"] == []


@pytest.mark.usefixtures("cards")
async def test_rubbish_ends_in_the_store_with_its_reason_and_the_service_goes_on(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    for queue in (topology.API_PROGRESS, topology.API_COMMANDS):
        await neighbours.rubbish(queue)
    await neighbours.rubbish(topology.DEAD_LETTERS, b"\xff\x00straight into the grave")
    unknown = {"specversion": "1.0", "type": "darkroom.media.sung.v1", "data": {}}
    await neighbours.rubbish(topology.API_PROGRESS, json.dumps(unknown).encode())
    broken = a_generator_announced(name="broken", input_schema={"type": "nonsense"})
    await neighbours.say(broken)

    letters = await dead_letters(client, 5)

    found = {(letter["queue"], letter["error_code"]) for letter in letters}
    assert found == {
        ("api.progress", "undecodable_message"),
        ("api.commands", "undecodable_message"),
        ("dead-letters", "unknown"),
        ("api.progress", "unknown_type"),
        ("api.progress", "invalid_schema"),
    }
    [rubbish] = [one for one in letters if one["queue"] == "api.commands"]
    shown = (await client.get(f"/v1/dead-letters/{rubbish['id']}")).json()
    assert shown["body"] == "rubbish"
    assert "not JSON" in shown["error_message"]
    assert "Traceback" in shown["stack"]

    await a_job_becomes_ready(client, neighbours)


@pytest.mark.usefixtures("app")
async def test_what_the_broker_moves_to_the_dead_says_from_where(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    queue = "generator.card.batch"
    await neighbours.rubbish(queue, b'{"poison":true}')
    await neighbours.reject(queue)

    [letter] = await dead_letters(client, 1)

    assert (letter["queue"], letter["error_code"]) == (queue, "rejected")


@pytest.mark.usefixtures("cards")
async def test_a_poisonous_command_harms_no_neighbour(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    good = [outgoing(an_event(a_media_request())) for _ in range(20)]
    event = an_event(a_media_request(), event_id="nul", correlationid="a\x00b")
    poison = outgoing(event)
    bodies = Outgoing(
        poison.exchange, poison.routing_key, poison.body, message_id="nul", type=poison.type
    )

    await neighbours.send([*good[:10], bodies, *good[10:]])

    assert len(await neighbours.requested(20)) == 20
    [letter] = await dead_letters(client, 1)
    assert letter["message_id"] == "nul"


@pytest.mark.usefixtures("cards")
async def test_a_broker_that_restarts_strands_no_request(
    client: httpx.AsyncClient,
    neighbours: Neighbours,
    backend: Backend,
    servers_thread: ThreadPoolExecutor,
) -> None:
    async def is_ready() -> None:
        assert (await client.get("/health/ready")).status_code == 200

    await eventually(is_ready, 20)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(servers_thread, backend.rabbitmq.restart)
    accepted = [(await client.post("/v1/media", json=REQUEST)) for _ in range(3)]
    assert [answer.status_code for answer in accepted] == [202] * 3

    await eventually(is_ready, 60)
    ids = {answer.json()["id"] for answer in accepted}
    requested = await eventually(lambda: neighbours.requested(3), 60)
    assert {event.subject for event in requested} == ids


@pytest.mark.usefixtures("cards")
async def test_a_database_that_restarts_loses_nothing_that_was_accepted(
    client: httpx.AsyncClient,
    neighbours: Neighbours,
    backend: Backend,
    servers_thread: ThreadPoolExecutor,
) -> None:
    before = (await client.post("/v1/media", json=REQUEST)).json()["id"]
    loop = asyncio.get_running_loop()
    restarting = loop.run_in_executor(servers_thread, backend.postgres.restart)
    await neighbours.say(a_media_ready(job_id=before))

    async def accepted() -> str:
        answer = await client.post("/v1/media", json=REQUEST)
        assert answer.status_code in {202, 503}, answer.text
        assert answer.status_code == 202
        return str(answer.json()["id"])

    await restarting
    after = await eventually(accepted, 30)
    await status_is(client, before, "ready")
    subjects: set[str | None] = set()

    async def both_are_requested() -> None:
        subjects.update(event.subject for event in await neighbours.requested())
        assert subjects == {before, after}

    await eventually(both_are_requested, 30)
    assert (await client.get("/v1/dead-letters")).json()["items"] == []


async def test_metrics_and_health_are_there(app: ApiApp, client: httpx.AsyncClient) -> None:
    async def ready() -> None:
        assert (await client.get("/health/ready")).json()["status"] == "ready"

    await eventually(ready)
    assert "darkroom_outbox_published_total" in (await client.get("/metrics")).text


async def test_two_processes_know_the_same_generators(
    settings: ApiSettings, client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    other = ApiApp(settings)
    await other.start()
    transport = httpx.ASGITransport(app=other.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://other") as second:
        await neighbours.say(a_generator_announced(announced_at=MOMENT + timedelta(days=1)))

        async def both_know() -> None:
            for one in (client, second):
                assert (await one.get("/v1/generators")).json()["items"]

        await eventually(both_know)
    await other.stop()
