"""Fair share from the doors to the broker: who goes which way, and who is called out again."""

import httpx
import pytest

from services.api.settings import ApiSettings
from shared.events import CloudEvent, Lane
from shared.messaging import topology
from shared.messaging.outgoing import outgoing
from shared.testing import a_media_ready, a_media_request, an_event
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.builders import CARD

SHARE = 4
REQUEST = {"generator": "card", "input": CARD}
CARDS = topology.work_queue("card", Lane.INTERACTIVE).name
MORE_CARDS = topology.work_queue("card", Lane.INTERACTIVE, overflow=True).name


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    return settings.model_copy(update={"fair_share": SHARE})


async def ask(neighbours: Neighbours, tenant: str, count: int) -> None:
    """By commands: without keys they say whose they are."""
    command = a_media_request(priority=Lane.INTERACTIVE)
    await neighbours.send(
        outgoing(an_event(command, event_id=f"{tenant}-{number}", tenant=tenant))
        for number in range(count)
    )


def subjects(events: list[CloudEvent]) -> list[str | None]:
    return [event.subject for event in events]


@pytest.mark.usefixtures("cards")
async def test_what_goes_beyond_the_share_of_its_tenant_goes_into_the_overflow(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    answer = await client.post("/v1/media/batch", json={"requests": [REQUEST] * (SHARE + 2)})
    asked = [one["job"]["id"] for one in answer.json()["answers"]]

    first = await neighbours.taken(CARDS, SHARE)
    over = await neighbours.taken(MORE_CARDS, 2)

    assert subjects(first) + subjects(over) == asked
    assert (await client.get(f"/v1/media/{asked[-1]}")).json()["queue_position"] == SHARE + 1


@pytest.mark.usefixtures("cards", "client")
async def test_whoever_would_wait_behind_the_overflow_of_another_is_called_out(
    neighbours: Neighbours,
) -> None:
    await ask(neighbours, "large", SHARE + 20)
    await neighbours.taken(CARDS, SHARE)
    await neighbours.taken(MORE_CARDS, 1)
    await ask(neighbours, "small", SHARE + 2)
    mine = await neighbours.taken(CARDS, SHARE)
    assert {event.tenant for event in mine} == {"small"}

    await neighbours.say(*(a_media_ready(job_id=event.data.job_id) for event in mine))  # type: ignore[attr-defined]

    called = await neighbours.taken(CARDS, 2)
    behind = await neighbours.taken(MORE_CARDS, 19 + 2)
    assert [event.tenant for event in called] == ["small", "small"]
    assert [event.id for event in called] == [event.id for event in behind[-2:]]
