"""Requests on their way in, and their keys, in memory."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.api.models import EarlierUse, Job, KeyUse, NewRequest
from services.api.repository import AcceptanceRepository
from services.api.repository.projection import LoggedEvent
from shared.clock import Clock
from shared.events import encode
from tests.unit.api.tables import Tables


class FakeAcceptance(AcceptanceRepository):
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def add(self, requests: Sequence[NewRequest]) -> set[UUID]:
        keys = [request.key_id for request in requests if request.key_id]
        assert len(keys) == len(set(keys)), "no two of the same tenant and key"
        return {request.job.id for request in requests if self._add(request)}

    def _add(self, request: NewRequest) -> bool:
        if request.key and request.key_id:
            earlier = self._tables.keys.get(request.key_id)
            if earlier is not None and earlier[2] > self._clock.now():
                return False
            used = (request.key.fingerprint, request.job.id, request.key.expires_at)
            self._tables.keys[request.key_id] = used
        self._tables.jobs[request.job.id] = request.job
        if request.overflow:
            self._tables.overflow.add(request.job.id)
        self._tables.outbox.append(request.requested)
        self._tables.log[request.requested.id] = _line(request)
        return True

    async def find_earlier(
        self, keys: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], EarlierUse]:
        return {
            key: EarlierUse(used[0], self._tables.jobs.get(used[1]))
            for key in keys
            if (used := self._tables.keys.get(key)) and used[2] > self._clock.now()
        }

    async def remember(self, job: Job, use: KeyUse) -> None:
        self._tables.keys[job.tenant, use.key] = (use.fingerprint, job.id, use.expires_at)

    async def forget_expired(self, limit: int = 10_000) -> int:
        now = self._clock.now()
        over = [key for key, used in self._tables.keys.items() if used[2] <= now][:limit]
        for key in over:
            del self._tables.keys[key]
        return len(over)


def _line(request: NewRequest) -> LoggedEvent:
    event = request.requested
    return LoggedEvent.of(event, request.job.id, encode(event).decode())
