"""Pausing and resuming generators: said to them, and shown as they announce it."""

import httpx
import pytest

from services.api.routes.schemas import ControlOut, GeneratorOut
from services.api.service import ApiServices
from shared.events import Action, ControlGenerators
from shared.testing import MOMENT, a_generator_announced
from tests.unit.api.builders import received
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem


@pytest.mark.parametrize("action", ["pause", "resume"])
@pytest.mark.parametrize(("path", "generator"), [("/card", "card"), ("", None)])
async def test_the_wish_is_said_to_the_generators(
    client: httpx.AsyncClient,
    database: FakeDatabase,
    action: str,
    path: str,
    generator: str | None,
) -> None:
    response = await client.post(f"/v1/generators{path}/{action}")

    [event] = database.tables.outbox
    said = ControlOut.model_validate_json(response.content)
    assert response.status_code == 202
    assert (said.action, said.generator) == (action, generator)
    assert event.data == ControlGenerators(action=Action(action), generator=generator)
    assert event.time == said.requested_at == MOMENT


async def test_the_last_wish_is_always_the_latest(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    for path in ("/card/pause", "/resume", "/card/pause", "/card/resume"):
        await client.post(f"/v1/generators{path}")

    moments = [event.time for event in database.tables.outbox]
    assert moments == sorted(set(moments))
    assert len({event.id for event in database.tables.outbox}) == 4


async def test_who_is_not_there_cannot_be_paused(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    problem(await client.post("/v1/generators/crad/pause"), 404, "not_found")
    assert database.tables.outbox == []


async def test_a_generator_is_paused_when_it_says_so(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    async def paused() -> bool:
        answer = await client.get("/v1/generators/card")
        return GeneratorOut.model_validate_json(answer.content).paused

    assert not await paused()
    later = MOMENT.replace(year=2027)
    announced = a_generator_announced(paused=True, announced_at=later)
    await services.projection.apply([received(announced)])
    assert await paused()
