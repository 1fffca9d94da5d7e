"""The keys that are in use, in memory, and heard of at once when they change.

What is here is read again every other second, in one statement, and whenever a process says that
keys have changed. What is not is read together with all that others ask for meanwhile: whoever
tries wrong keys gets one statement at a time, however many he tries.

Neighbours: `access` asks for keys, app.py has `renew` called and what Postgres says heard.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.api.models import ApiKey, Caller
from services.api.repository.keys import ANY, NEW
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.messaging.batcher import Batcher

RENEW_EVERY: Final = timedelta(seconds=2)
TRUSTED_FOR: Final = timedelta(seconds=30)
"""Without an answer from the database: whoever is cut off from it may not hear of a revocation."""

NOTE_EVERY: Final = timedelta(minutes=1)
MOST_UNKNOWN: Final = 10_000
_IDLE_ROUNDS: Final = 30
_LIMIT: Final = 1000
_USER: Final = "user:"

Lost = Callable[[], None]


def by_user(broker_user: str) -> str:
    """What the key of a user of the broker is looked up by; others are by their id, as digits."""
    return _USER + broker_user


@dataclass(slots=True)
class KnownKey:
    """A key in memory. A `stale` one may have changed since it was read."""

    key: ApiKey
    caller: Caller
    stale: bool = False
    used: bool = False
    idle: int = 0

    def counts(self, now: datetime) -> bool:
        """Whether anything may be done with it."""
        return self.key.revoked_at is None and not self.key.has_expired(now)

    def is_to_be_noted(self, now: datetime) -> bool:
        """Whether it was not written down within the last minute that it is used."""
        last = self.key.last_used_at
        return last is None or now - last >= NOTE_EVERY


class KeyRing:
    """Finds keys. `start` it before it is asked."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._known: dict[str, KnownKey] = {}
        self._unknown: set[str] = set()
        self._watched: dict[str, list[Lost]] = {}
        self._made = self._lost = 0
        self._renewed_at = clock.now()
        self._reads: Batcher[str, KnownKey | None] = Batcher(self._read, limit=_LIMIT)

    def start(self) -> None:
        """Begin reading."""
        self._reads.start()

    async def stop(self) -> None:
        """No more."""
        await self._reads.stop(timedelta())

    async def find(self, name: str) -> KnownKey | None:
        """The key that is looked up by this, whether it counts or not."""
        known = self._known.get(name)
        if known is not None and not known.stale:
            return known
        return None if name in self._unknown else await self._reads.submit(name)

    def hear(self, said: str) -> None:
        """What was said on `CHANGED`: whom it concerns does not count before it is read again."""
        self._unknown.clear()
        if said == NEW:
            self._made += 1
            return
        self._lost += 1
        for known in self._known.values():
            known.stale = known.stale or said in {known.key.id.hex, ANY}

    @contextmanager
    def watching(self, key_id: UUID, lost: Lost) -> Iterator[None]:
        """Meanwhile `lost` is called when the key counts no more, at the next renewal."""
        name = key_id.hex
        self._watched.setdefault(name, []).append(lost)
        try:
            yield
        finally:
            self._watched[name].remove(lost)
            if not self._watched[name]:
                del self._watched[name]

    async def renew(self) -> None:
        """Read again what is in use, tell who watches what is lost, and write down what was used.

        What was not used for a while is forgotten, to be read when it is needed.
        """
        now = self._clock.now()
        if now - self._renewed_at > TRUSTED_FOR:
            self.hear(ANY)
        self._unknown.clear()
        used = self._take_used()
        names = [*self._known.keys() | self._watched.keys()]
        found = await asyncio.gather(*(self._reads.offer(name) for name in names))
        self._renewed_at = now
        for name, known in zip(names, found, strict=True):
            if known is None or not known.counts(now):
                for lost in [*self._watched.get(name, ())]:
                    lost()
        if due := [one.key.id for one in used if one.is_to_be_noted(now)]:
            async with self._unit_of_work() as work:
                work.alone()
                await work.keys.note_use(due, now)

    def _take_used(self) -> list[KnownKey]:
        """Those that were used since the last time."""
        used = [known for known in self._known.values() if known.used]
        for name, known in [*self._known.items()]:
            known.idle = 0 if known.used else known.idle + 1
            known.used = False
            if known.idle > _IDLE_ROUNDS:
                del self._known[name]
        return used

    async def _read(self, names: Sequence[str]) -> Sequence[KnownKey | None]:
        heard = self._made, self._lost
        ids = {UUID(name) for name in names if not name.startswith(_USER)}
        users = {name.removeprefix(_USER) for name in names if name.startswith(_USER)}
        async with self._unit_of_work() as work:
            work.alone()
            keys = await work.keys.list_current(ids, users)
        found = {_name_of(key): key for key in keys}
        return [self._keep(name, found.get(name), heard) for name in names]

    def _keep(self, name: str, key: ApiKey | None, heard: tuple[int, int]) -> KnownKey | None:
        """What is read may have changed while it was: then it is good for this answer only."""
        known = self._known.get(name)
        if key is None:
            self._known.pop(name, None)
            if heard[0] == self._made and len(self._unknown) < MOST_UNKNOWN:
                self._unknown.add(name)
            return None
        if known is None:
            known = self._known[name] = KnownKey(key, key.caller)
        known.key, known.caller, known.stale = key, key.caller, heard[1] != self._lost
        return known


def _name_of(key: ApiKey) -> str:
    return key.id.hex if key.broker_user is None else by_user(key.broker_user)
