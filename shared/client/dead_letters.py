"""The calls about dead letters: `darkroom.dead_letters.groups()`, `.replay(id)`, …"""

import uuid
from datetime import datetime
from typing import Any

from shared.client.letters import DeadLetter, DeadLetterFilter, DeadLetterGroup, Purge, Replay
from shared.client.models import Page
from shared.client.reading import given, read
from shared.client.transport import ApiTransport

PATH = "/v1/dead-letters"
_ALL = DeadLetterFilter()
LetterId = uuid.UUID | str


class DeadLetters:
    """Messages that could not be handled. For operators.

    To replay a letter is to put the same message back into the queue that it came from. Its event
    id is the same, so that what has had its effect already has no second one, and each of these
    calls may be repeated.
    """

    def __init__(self, api: ApiTransport) -> None:
        self._api = api

    async def list(
        self,
        wanted: DeadLetterFilter = _ALL,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[DeadLetter]:
        """A page of them, newest first."""
        query = {**_query(wanted), **given({"limit": limit, "cursor": cursor})}
        return read(Page[DeadLetter], await self._api.call("GET", PATH, params=query))

    async def groups(self, wanted: DeadLetterFilter = _ALL) -> tuple[DeadLetterGroup, ...]:
        """How many there are of each queue and reason."""
        answer = await self._api.call("GET", f"{PATH}/groups", params=_query(wanted))
        return read(Page[DeadLetterGroup], answer).items

    async def get(self, letter_id: LetterId) -> DeadLetter:
        """One of them, with its body and headers."""
        return read(DeadLetter, await self._api.call("GET", f"{PATH}/{letter_id}"))

    async def replay(self, letter_id: LetterId) -> DeadLetter:
        """Put it back into its queue; a queue that is gone is an `ApiConflictError`."""
        return read(DeadLetter, await self._api.call("POST", f"{PATH}/{letter_id}/replay"))

    async def replay_all(
        self,
        wanted: DeadLetterFilter,
        *,
        received_before: datetime | None = None,
        limit: int | None = None,
    ) -> Replay:
        """Put those that fit back into their queues, up to `limit` (1,000 at most) in one call.

        A filter that leaves nothing out means all of them.
        """
        body = _choice(wanted, received_before, limit)
        return read(Replay, await self._api.call("POST", f"{PATH}/replay", json=body))

    async def remove(self, letter_id: LetterId) -> None:
        """Remove it for good."""
        await self._api.call("DELETE", f"{PATH}/{letter_id}")

    async def purge(
        self,
        wanted: DeadLetterFilter,
        *,
        received_before: datetime | None = None,
        limit: int | None = None,
    ) -> Purge:
        """Remove those that fit for good, up to `limit` (1,000 at most) in one call.

        A filter that leaves nothing out means all of them.
        """
        body = _choice(wanted, received_before, limit)
        return read(Purge, await self._api.call("POST", f"{PATH}/purge", json=body))


def _query(wanted: DeadLetterFilter) -> dict[str, str]:
    members = wanted.members().items()
    return {
        name: str(value).lower() if value in (True, False) else value for name, value in members
    }


def _choice(
    wanted: DeadLetterFilter, received_before: datetime | None, limit: int | None
) -> dict[str, Any]:
    """The API wants to be told that all are meant, lest a forgotten filter does too much."""
    moment = received_before.isoformat() if received_before else None
    chosen = {**wanted.members(), **given({"received_before": moment})}
    everything = {} if any(chosen.values()) else {"all": True}
    return {**chosen, **everything, **given({"limit": limit})}
