"""Deleted jobs and references to stored bytes, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from services.api.models import Job, Tombstone
from services.api.repository import DeletionRepository, ReferenceRepository
from services.api.repository.deletions import NIL
from services.api.repository.references import beginning
from shared.events import DeletionReason
from tests.unit.api.tables import Tables


class FakeDeletions(DeletionRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def delete(
        self, ids: Sequence[UUID], reason: DeletionReason, now: datetime, by: str | None = None
    ) -> list[Tombstone]:
        jobs = self._tables.jobs
        gone = [jobs.pop(one) for one in ids if one in jobs and jobs[one].status.final]
        left = [replace(_tombstone(job, reason, now), deleted_by=by) for job in gone]
        self._tables.tombstones.update((one.id, one) for one in left)
        self._forget({one.id for one in left})
        return left

    async def lock_expired(self, now: datetime, limit: int) -> list[UUID]:
        ended = [(_own_end(job), job.id) for job in self._tables.jobs.values()]
        return [one for end, one in sorted((e, i) for e, i in ended if e and e <= now)][:limit]

    async def lock_ended_before(
        self, before: datetime, limit: int, after: UUID = NIL
    ) -> list[UUID]:
        return sorted(
            job.id
            for job in self._tables.jobs.values()
            if job.id > after and job.expires_in is None
            if job.finished_at is not None and job.finished_at <= before
        )[:limit]

    async def list_by_tenant(
        self, tenant: str, limit: int, before: UUID | None = None
    ) -> list[Tombstone]:
        newest = sorted(self._tables.tombstones.values(), key=lambda one: one.id, reverse=True)
        mine = [one for one in newest if one.tenant == tenant]
        return [one for one in mine if before is None or one.id < before][:limit]

    async def purge(self, before: datetime, limit: int) -> int:
        known = self._tables.tombstones
        old = [one.id for one in known.values() if one.deleted_at <= before][:limit]
        for one in old:
            del known[one]
        self._note_floors(set(old))
        self._forget(set(old))
        return len(old)

    def _note_floors(self, ids: set[UUID]) -> None:
        self._tables.number_log()
        for name, line in self._tables.log.items():
            if line.job_id in ids:
                self._tables.floors[line.tenant] = self._tables.places[name]

    def _forget(self, ids: set[UUID]) -> None:
        log = self._tables.log
        self._tables.log = {key: one for key, one in log.items() if one.job_id not in ids}


def _own_end(job: Job) -> datetime | None:
    if job.expires_in is None or job.finished_at is None:
        return None
    return job.finished_at + timedelta(seconds=job.expires_in)


def _tombstone(job: Job, reason: DeletionReason, now: datetime) -> Tombstone:
    return Tombstone(
        job.id,
        job.tenant,
        job.generator,
        job.status,
        job.created_at,
        job.finished_at,
        now,
        reason,
        job.correlation_id,
    )


class FakeReferences(ReferenceRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def oldest_unfinished(self) -> datetime | None:
        unfinished = [job for job in self._tables.jobs.values() if not job.status.final]
        return min((job.created_at for job in unfinished), default=None)

    async def list_by_digit(self, digit: str) -> set[int]:
        jobs = self._tables.jobs
        made = [asset["sha256"] for job in jobs.values() for asset in job.assets]
        brought = [one.sha256 for one in self._tables.uploads.values()]
        told = [
            orjson.loads(line.body)["data"].get("inputs") or {}
            for line in self._tables.log.values()
            if line.job_id in jobs and not jobs[line.job_id].status.final
        ]
        named = [one["sha256"] for inputs in told for one in inputs.values()]
        return {beginning(one) for one in (*made, *brought, *named) if one.startswith(digit)}

    async def own(self, candidate: UUID) -> UUID:
        self._tables.owner = self._tables.owner or candidate
        return self._tables.owner

    async def begin_collection(self, now: datetime, every: timedelta) -> bool:
        last = self._tables.collected_at
        if last is not None and last > now - every:
            return False
        self._tables.collected_at = now
        return True
