"""Two doors, one house: what HTTP answers to a request, a command is answered, too."""

import json
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from services.api.models import TenantLimits
from services.api.models.limits import Rate
from services.api.service import ApiServices
from services.api.service.backlog import QueueLimits
from services.api.service.command_reading import Sender, read_command
from shared.events import MediaAccepted, MediaRejected, RequestSpec, decode
from shared.generators import AssetId
from shared.testing import MOMENT
from tests.unit.api.builders import CARD, an_announced_generator, an_upload
from tests.unit.api.fakes import FakeDatabase

GOOD = {"generator": "card", "input": CARD}
OF_THIS_JOB = {
    "id",
    "urls",
    "correlation_id",
    "created_at",
    "updated_at",
    "finish_by",
    "deadline_at",
}


class Frame(BaseModel):
    picture: AssetId


ACCEPTED: dict[str, dict[str, Any]] = {
    "plain": {},
    "metadata": {"metadata": {"order": 7, "nested": {"a": [1, None, "ü"]}}},
    "webhook": {"webhook": {"url": "https://example.org/hook", "events": ["media.ready"]}},
    "priority": {"priority": "batch"},
    "deadline_seconds": {"deadline_seconds": 60},
    "attempt_timeout_seconds": {"attempt_timeout_seconds": 5},
    "total_timeout_seconds": {"total_timeout_seconds": 600},
    "max_attempts": {"max_attempts": 1},
    "expires_in": {"expires_in": 3600},
}

REFUSED: dict[str, dict[str, Any]] = {
    "unknown generator": {"generator": "crad"},
    "no generator": {"generator": None},
    "bad name": {"generator": "Card!"},
    "bad field": {"input": {"title": 5, "colour": "red"}},
    "no object": {"input": [1]},
    "unknown field": {"colour": "red"},
    "coerced": {"max_attempts": "1"},
    "too many attempts": {"max_attempts": 1000},
    "negative deadline": {"deadline_seconds": -1},
    "lane": {"priority": "at once"},
    "webhook address": {"webhook": {"url": "ftp://example.org"}},
    "webhook list": {"webhook": ["https://example.org"]},
    "expiry": {"expires_in": 59},
    "long expiry": {"expires_in": 10**10},
    "nul": {"metadata": {"a": "b\x00c"}},
    "deep": {"metadata": json.loads('{"a":' * 40 + "1" + "}" * 40)},
    "large number": {"metadata": {"a": 2**70}},
    "much metadata": {"metadata": {"a": "x" * 20_000}},
    "much input": {"input": {"title": "x" * 600_000}},
    "too much": {"input": {"title": "x" * 1_100_000}},
}


async def command(services: ApiServices, database: FakeDatabase, data: Any, **of: Any) -> Any:
    """What a command is answered: the job, or the problem."""
    envelope = {
        "specversion": "1.0",
        "id": f"c-{len(database.tables.answers)}",
        "type": "darkroom.media.request.v1",
        "source": "/tests",
        "time": MOMENT.isoformat(),
        "data": data,
    }
    body = json.dumps(envelope | of).encode()
    await services.commands.handle([read_command(body, Sender(None, "shop.answers"))])
    said = decode(database.tables.answers[-1].body).data
    assert isinstance(said, MediaAccepted | MediaRejected)
    return said.job if isinstance(said, MediaAccepted) else said.problem


async def call(client: httpx.AsyncClient, data: Any, key: str | None = None) -> Any:
    """What HTTP answers."""
    headers = {"Idempotency-Key": key} if key else {}
    answer = await client.post("/v1/media", json=data, headers=headers)
    return {name: value for name, value in answer.json().items() if name != "instance"}


def without(job: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in job.items() if name not in OF_THIS_JOB}


def said_by_both(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (GOOD | data).items() if value is not None}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED.keys())
async def test_the_same_job(
    services: ApiServices, database: FakeDatabase, client: httpx.AsyncClient, data: dict[str, Any]
) -> None:
    over_http = await call(client, said_by_both(data))
    by_message = await command(services, database, said_by_both(data))

    assert without(over_http) == without(by_message)
    assert over_http.keys() == by_message.keys()
    assert by_message["urls"].keys() == over_http["urls"].keys()
    first, second = (event.data for event in database.tables.outbox)
    changing = {"job_id", "requested_at", "deadline_at", "finish_by"}
    assert first.model_dump(exclude=changing) == second.model_dump(exclude=changing)


def test_every_field_is_tried() -> None:
    assert set(RequestSpec.model_fields) == {*GOOD, *ACCEPTED} - {"plain"}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
async def test_the_same_problem(
    services: ApiServices, database: FakeDatabase, client: httpx.AsyncClient, data: dict[str, Any]
) -> None:
    over_http = await call(client, said_by_both(data))
    by_message = await command(services, database, said_by_both(data))

    detail = {"detail"} if over_http["code"] == "body_too_large" else set()
    assert {n: v for n, v in by_message.items() if n not in detail} == {
        n: v for n, v in over_http.items() if n not in detail
    }
    assert database.tables.jobs == {}


async def test_the_same_idempotency(
    services: ApiServices, database: FakeDatabase, client: httpx.AsyncClient
) -> None:
    other = {**GOOD, "priority": "batch"}
    first = await call(client, GOOD, "k")
    keyed = await command(services, database, {**GOOD, "idempotency_key": "k"})

    assert await call(client, GOOD, "k") == first
    assert await command(services, database, {**GOOD, "idempotency_key": "k"}) == keyed
    reused = await call(client, other, "k")
    assert await command(services, database, {**other, "idempotency_key": "k"}) == reused
    assert reused["code"] == "idempotency_key_reused"


async def test_inputs_of_the_tenant_are_attached_and_those_of_others_are_not_there(
    services: ApiServices, database: FakeDatabase, client: httpx.AsyncClient
) -> None:
    mine, theirs = an_upload(), an_upload(tenant="other")
    database.tables.uploads = {mine.id: mine, theirs.id: theirs}
    schema = Frame.model_json_schema()
    database.tables.generators["frame"] = an_announced_generator(name="frame", input_schema=schema)

    good = {"generator": "frame", "input": {"picture": str(mine.id)}}
    assert without(await call(client, good)) == without(await command(services, database, good))
    bad = {"generator": "frame", "input": {"picture": str(theirs.id)}}
    refused = await call(client, bad)
    assert refused == await command(services, database, bad)
    assert refused["errors"][0]["pointer"] == "/input/picture"


class TestLimits:
    """Whoever has as much as there is for it is told when to come again."""

    @pytest.fixture
    def limits(self) -> QueueLimits:
        return QueueLimits(per_generator=1)

    async def test_a_full_queue(
        self, services: ApiServices, database: FakeDatabase, client: httpx.AsyncClient
    ) -> None:
        await call(client, GOOD)

        over_http = await call(client, GOOD)
        by_message = await command(services, database, GOOD)

        assert over_http == by_message
        assert over_http["code"] == "queue_full"
        said = decode(database.tables.answers[-1].body).data
        assert isinstance(said, MediaRejected)
        assert said.retry_after_seconds


class TestRates:
    """The rate of jobs counts what comes by either door."""

    @pytest.fixture
    def tenant_limits(self) -> TenantLimits:
        return TenantLimits(jobs=Rate(1, 3600))

    async def test_too_often(
        self, services: ApiServices, database: FakeDatabase, client: httpx.AsyncClient
    ) -> None:
        accepted = await command(services, database, GOOD)
        assert accepted["status"] == "queued"

        by_message = await command(services, database, GOOD)

        assert by_message["code"] == "rate_limited"
        assert by_message["status"] == 429
        said = decode(database.tables.answers[-1].body).data
        assert isinstance(said, MediaRejected)
        assert said.retry_after_seconds
        assert (await call(client, GOOD))["code"] == "rate_limited"
        assert len(database.tables.jobs) == 1
