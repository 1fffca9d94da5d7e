"""The database goes away while a stream reads the log: it ends quietly, and is resumed."""

from datetime import timedelta

import httpx
import pytest

from services.api.errors import UnknownPositionError
from services.api.models.event_log import BEGINNING
from services.api.service import ApiServices
from services.api.service.listening import ListeningService, Streaming
from services.api.service.live_events import Wanted
from services.api.unit_of_work import ApiUnitOfWork
from shared.database.away import DatabaseUnavailableError
from tests.unit.api.builders import CARD

REQUEST = {"generator": "card", "input": CARD}


def listening_until(services: ApiServices, statements: int, error: Exception) -> ListeningService:
    """Its units of work are refused after so many."""
    open_unit_of_work, left = services.listening._unit_of_work, iter(range(statements))

    def unit_of_work() -> ApiUnitOfWork:
        if next(left, None) is None:
            raise error
        return open_unit_of_work()

    return ListeningService(
        unit_of_work, services.hub, services.follower, Streaming(heartbeat=timedelta(hours=1))
    )


async def test_a_stream_ends_when_the_database_goes_away(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    await client.post("/v1/media", json=REQUEST)
    listening = listening_until(services, 2, DatabaseUnavailableError("away"))
    stream = await listening.listen_to_all(Wanted("default"), BEGINNING)
    assert [event async for event in stream.events] == []
    stream.close()
    again = await services.listening.listen_to_all(Wanted("default"), stream.position)
    assert (await anext(again.events)) is not None
    again.close()


async def test_a_bug_is_no_interruption(services: ApiServices) -> None:
    listening = listening_until(services, 1, UnknownPositionError())
    stream = await listening.listen_to_all(Wanted("default"), BEGINNING)
    with pytest.raises(UnknownPositionError):
        await anext(stream.events)
    stream.close()
