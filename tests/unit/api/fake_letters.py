"""The store of dead letters in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from services.api.errors import DeadLetterNotFoundError
from services.api.models import DeadLetter, DeadLetterFilter, DeadLetterGroup
from services.api.repository import DeadLetterClaims, DeadLetterRepository
from tests.unit.api.tables import Tables


class FakeDeadLetters(DeadLetterRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, letters: Sequence[DeadLetter]) -> int:
        before = len(self._tables.dead_letters)
        for letter in letters:
            if letter.id not in {known.id for known in self._tables.dead_letters}:
                seq = len(self._tables.dead_letters) + 1
                self._tables.dead_letters.append(replace(letter, seq=seq))
        return len(self._tables.dead_letters) - before

    async def get(self, letter_id: UUID) -> DeadLetter:
        for letter in self._tables.dead_letters:
            if letter.id == letter_id:
                return letter
        raise DeadLetterNotFoundError(f"There is no dead letter {letter_id}.")

    async def list_by(self, wanted: DeadLetterFilter) -> list[DeadLetter]:
        found = [replace(one, body=b"") for one in _selected(self._tables, wanted)]
        return found[::-1][: wanted.limit]

    async def list_groups(self, wanted: DeadLetterFilter) -> list[DeadLetterGroup]:
        found = sorted(_selected(self._tables, wanted), key=_kind)
        groups = [_group(list(letters)) for _, letters in groupby(found, _kind)]
        return sorted(groups, key=lambda group: -group.count)[: wanted.limit]

    async def count(self, wanted: DeadLetterFilter) -> int:
        return len(_selected(self._tables, wanted))


class FakeDeadLetterClaims(DeadLetterClaims):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def find(self, letter_id: UUID) -> DeadLetter | None:
        return next((one for one in self._tables.dead_letters if one.id == letter_id), None)

    async def claim(self, wanted: DeadLetterFilter) -> list[DeadLetter]:
        return _selected(self._tables, wanted)[: wanted.limit]

    async def mark_replayed(self, ids: Iterable[UUID], now: datetime) -> None:
        marked = set(ids)
        self._tables.dead_letters = [
            replace(one, replayed_at=now, replays=one.replays + 1) if one.id in marked else one
            for one in self._tables.dead_letters
        ]

    async def delete(self, letter_id: UUID) -> bool:
        return bool(self._remove([one for one in self._tables.dead_letters if one.id == letter_id]))

    async def purge(self, wanted: DeadLetterFilter) -> int:
        return self._remove(_selected(self._tables, wanted)[: wanted.limit])

    async def forget_replayed(self, before: datetime, limit: int = 1000) -> int:
        old = [
            one
            for one in self._tables.dead_letters
            if one.replayed_at is not None and one.replayed_at <= before
        ]
        return self._remove(old[:limit])

    def _remove(self, letters: Sequence[DeadLetter]) -> int:
        gone = {letter.id for letter in letters}
        kept = [one for one in self._tables.dead_letters if one.id not in gone]
        self._tables.dead_letters = kept
        return len(gone)


def _selected(tables: Tables, wanted: DeadLetterFilter) -> list[DeadLetter]:
    return [letter for letter in tables.dead_letters if _is_wanted(letter, wanted)]


def _is_wanted(letter: DeadLetter, wanted: DeadLetterFilter) -> bool:
    return (
        (wanted.before is None or letter.seq < wanted.before)
        and (wanted.after is None or letter.seq > wanted.after)
        and wanted.queue in {None, letter.queue}
        and wanted.error_class in {None, letter.error_class}
        and wanted.error_code in {None, letter.error_code}
        and wanted.type in {None, letter.type}
        and (wanted.received_before is None or letter.received_at < wanted.received_before)
        and wanted.replayed in {None, letter.replayed_at is not None}
    )


def _kind(letter: DeadLetter) -> tuple[str, str, str]:
    return letter.queue, letter.error_class, letter.error_code


def _group(letters: Sequence[DeadLetter]) -> DeadLetterGroup:
    moments = [letter.received_at for letter in letters]
    return DeadLetterGroup(*_kind(letters[0]), len(letters), min(moments), max(moments))
