"""The event log in memory: one transaction an event, in the order in which they came."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.api.models.event_log import (
    FINAL_TYPES,
    LogEntry,
    LogLine,
    LogPosition,
    LogWindow,
)
from services.api.repository.event_log import LAST_SEQ, WINDOW, EventLogRepository
from shared.events.parts import FINAL_VERSION
from shared.events.routing import stem
from tests.unit.api.tables import Tables


class FakeEventLog(EventLogRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def now(self) -> LogPosition:
        self._tables.number_log()
        return LogPosition(len(self._tables.places), LAST_SEQ)

    async def is_known(self, position: LogPosition) -> bool:
        return position <= await self.now()

    async def has_ended(self, job_id: UUID, position: LogPosition) -> bool:
        return any(
            one.position <= position and one.job_id == job_id and one.type in FINAL_TYPES
            for one in self._entries()
        )

    async def at(self, moment: datetime) -> LogPosition:
        later = (one.position for one in self._entries() if one.time >= moment)
        first = next(later, None)
        return LogPosition(first.transaction_id - 1, LAST_SEQ) if first else await self.now()

    async def find_floor(self, tenant: str) -> LogPosition | None:
        number = self._tables.floors.get(tenant)
        return LogPosition(number, number) if number else None

    async def list_lines(self, position: LogPosition, limit: int) -> Sequence[LogLine]:
        return [LogLine(*one[:4]) for one in self._entries() if one.position > position][:limit]

    async def list_entries(self, seqs: Iterable[int]) -> Sequence[LogEntry]:
        wanted = set(seqs)
        return [one for one in self._entries() if one.position.seq in wanted]

    async def find_window(
        self, position: LogPosition, tenant: str, types: Collection[str] = (), size: int = WINDOW
    ) -> LogWindow:
        lines = await self.list_lines(position, size)
        seqs = [
            one.position.seq
            for one in lines
            if one.tenant == tenant and (not types or stem(one.type) in types)
        ]
        return LogWindow(seqs, lines[-1].position if lines else position, len(lines) == size)

    async def list_of_job(
        self, job_id: UUID, position: LogPosition, limit: int
    ) -> Sequence[LogEntry]:
        entries = self._entries()
        return [one for one in entries if one.position > position and one.job_id == job_id][:limit]

    def _entries(self) -> list[LogEntry]:
        self._tables.number_log()
        told: dict[UUID, int] = {}
        entries = []
        for name, line in self._tables.log.items():
            before = told.get(line.job_id, 0)
            if line.version >= before or (line.version == 0 and before < FINAL_VERSION):
                told[line.job_id] = max(before, line.version)
                number = self._tables.places[name]
                about = (line.job_id, line.tenant, line.type, line.time, line.body)
                entries.append(LogEntry(LogPosition(number, number), *about))
        return entries
