"""The event log in memory: one transaction an event, in the order in which they came."""

from collections.abc import Sequence
from uuid import UUID

from services.api.models.event_log import FINAL_TYPES, LogEntry, LogPosition
from services.api.repository.event_log import LAST_SEQ, EventLogRepository
from tests.unit.api.tables import Tables


class FakeEventLog(EventLogRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def now(self) -> LogPosition:
        return LogPosition(len(self._tables.log), LAST_SEQ)

    async def is_known(self, position: LogPosition) -> bool:
        return position.transaction_id <= len(self._tables.log)

    async def has_ended(self, job_id: UUID, position: LogPosition) -> bool:
        return any(
            one.position <= position and one.job_id == job_id and one.type in FINAL_TYPES
            for one in self._entries()
        )

    async def list_after(
        self,
        position: LogPosition,
        limit: int,
        *,
        tenant: str | None = None,
        job_id: UUID | None = None,
    ) -> Sequence[LogEntry]:
        return [
            one
            for one in self._entries()
            if one.position > position
            and (job_id is None or one.job_id == job_id)
            and (tenant is None or one.tenant == tenant)
        ][:limit]

    def _entries(self) -> list[LogEntry]:
        told: dict[UUID, int] = {}
        entries = []
        for number, line in enumerate(self._tables.log.values(), 1):
            if line.version >= told.get(line.job_id, 0):
                told[line.job_id] = line.version
                place = LogPosition(number, number)
                entries.append(LogEntry(place, line.job_id, line.tenant, line.type, line.body))
        return entries
