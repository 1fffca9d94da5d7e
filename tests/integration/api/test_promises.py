"""What the api promises on Postgres and RabbitMQ when callers race and answers get lost."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

import aio_pika
import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.app import ApiApp
from services.api.routes import http_app
from services.api.service import ApiServices, make_services
from services.api.settings import ApiSettings
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.database.away import DatabaseUnavailableError
from shared.database.engine import create_engine
from shared.events import (
    Action,
)
from shared.messaging import topology
from shared.messaging.declare import declare
from shared.storage import in_memory
from shared.testing import (
    RecordingPublisher,
    a_generator_announced,
    a_media_generated,
    a_media_ready,
    eventually,
)
from tests.backends.databases import query
from tests.conftest import MakeDatabase
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.builders import CARD, an_announced_generator, received

REQUEST = {"generator": "card", "input": CARD}


class ForgetfulUnitOfWork(ApiUnitOfWork):
    """Commits, and then loses the connection before anybody hears of it, as often as it is told."""

    lost_answers = 0

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await super().__aexit__(kind, error, trace)
        if type(self).lost_answers:
            type(self).lost_answers -= 1
            raise DatabaseUnavailableError("cut before the answer came")


def services_on(unit_of_work: OpenUnitOfWork) -> ApiServices:
    return make_services(
        unit_of_work,
        in_memory(),
        RecordingPublisher(),
        clock=SystemClock(),
        new_id=uuid7,
        registry=CollectorRegistry(),
    )


@pytest.fixture
async def forgetful(make_database: MakeDatabase) -> AsyncIterator[str]:
    """The URL of a database whose answers can be lost."""
    yield make_database("api")
    ForgetfulUnitOfWork.lost_answers = 0


async def test_a_commit_of_unknown_outcome_is_503_and_the_same_key_answers_the_job(
    forgetful: str,
) -> None:
    engine = create_engine(forgetful, application="test")
    services = services_on(lambda: ForgetfulUnitOfWork(engine))
    async with ForgetfulUnitOfWork(engine) as work:
        await work.generators.add([an_announced_generator()])
    await services.catalogue.renew()
    services.requests.start()
    transport = httpx.ASGITransport(app=http_app(services))
    key = {"Idempotency-Key": "order-7"}

    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        ForgetfulUnitOfWork.lost_answers = 1
        lost = await client.post("/v1/media", json=REQUEST, headers=key)
        found = await client.post("/v1/media", json=REQUEST, headers=key)
    await services.requests.stop()
    await engine.dispose()

    [row] = query(forgetful, "SELECT id::text, (SELECT count(*) FROM outbox) AS said FROM job")
    assert lost.status_code == 503
    assert int(lost.headers["retry-after"]) >= 1
    assert (found.status_code, found.json()["id"]) == (202, row["id"])
    assert row["said"] == 1


async def test_a_cancel_and_the_end_race_and_somebody_wins(postgres: OpenUnitOfWork) -> None:
    async with postgres() as work:
        await work.generators.add([an_announced_generator()])
    services = services_on(postgres)
    await services.catalogue.renew()
    services.requests.start()
    transport = httpx.ASGITransport(app=http_app(services))

    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        for _ in range(20):
            job_id = (await client.post("/v1/media", json=REQUEST)).json()["id"]
            canceled, again, _ = await asyncio.gather(
                client.post(f"/v1/media/{job_id}/cancel"),
                client.post(f"/v1/media/{job_id}/cancel"),
                services.projection.apply([received(a_media_ready(job_id=job_id))]),
            )
            assert {canceled.status_code, again.status_code} <= {202, 409}
            assert (await client.get(f"/v1/media/{job_id}")).json()["status"] == "ready"
            late = await client.post(f"/v1/media/{job_id}/cancel")
            assert (late.status_code, late.json()["code"]) == (409, "already_final")
    await services.requests.stop()


async def test_wishes_through_many_processes_have_moments_of_their_own(
    postgres: OpenUnitOfWork,
) -> None:
    now = SystemClock().now()

    async def wish(number: int) -> Any:
        async with postgres() as work:
            name = "card" if number % 2 else None
            return (await work.generators.wish(Action.PAUSE, name, now)).requested_at

    moments = await asyncio.gather(*(wish(number) for number in range(10)))

    assert len(set(moments)) == 10


async def test_a_binding_of_an_earlier_version_is_undone(
    neighbours: Neighbours, rabbitmq_url: str
) -> None:
    connection = await aio_pika.connect(rabbitmq_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.get_queue(topology.API_PROGRESS)
        for binding in topology.RETIRED[topology.API_PROGRESS]:
            await queue.bind(binding.exchange, routing_key=binding.pattern)

        await declare(connection, topology.API_QUEUES)
        await neighbours.say(a_media_generated(), ready := a_media_ready())

        [heard] = await neighbours.taken(topology.API_PROGRESS)
        assert heard.subject == str(ready.job_id)


async def test_a_full_queue_refuses_until_it_has_drained(
    settings: ApiSettings, neighbours: Neighbours
) -> None:
    app = ApiApp(settings.model_copy(update={"queued_limit_per_generator": 3}))
    await app.start()
    transport = httpx.ASGITransport(app=app.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        await neighbours.say(a_generator_announced())

        async def accepted() -> str:
            answer = await client.post("/v1/media", json=REQUEST)
            assert answer.status_code == 202, answer.text
            return str(answer.json()["id"])

        jobs = [await eventually(accepted) for _ in range(3)]
        refused = await client.post("/v1/media", json=REQUEST)
        assert (refused.status_code, refused.json()["code"]) == (429, "queue_full")
        assert 1 <= int(refused.headers["retry-after"]) <= 60

        await neighbours.say(a_media_ready(job_id=jobs[0]))
        await eventually(accepted)
    await app.stop()
