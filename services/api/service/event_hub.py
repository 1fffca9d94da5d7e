"""Who listens to events in this process: news is handed on in memory, to whom it concerns."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from services.api.errors import TooManyListenersError
from services.api.service.live_events import Key, Listener, LiveEvent, Wanted, keys_of

PROGRESS_EVERY = 0.25
_MOST_REMEMBERED = 10_000
_COME_BACK = timedelta(seconds=10)


class EventHub:
    """The listeners of this process, by what they listen to."""

    def __init__(self, most_of: Callable[[str], int | None] = lambda _tenant: None) -> None:
        self._most_of = most_of
        self._by_key: dict[Key, set[Listener]] = {}
        self._open: dict[Listener, None] = {}
        self._counts: dict[str, int] = {}
        self._progressed: dict[UUID, float] = {}
        self._leaving = False

    def add(self, wanted: Wanted) -> Listener:
        """A new listener. Raises `TooManyListenersError`."""
        count = self.count(wanted.tenant)
        most = self._most_of(wanted.tenant)
        if most is not None and count >= most:
            raise TooManyListenersError(
                f"{count:,} streams are open here, and {most:,} may be: close some, or ask again "
                "later.",
                retry_after=_COME_BACK,
                extra={"quota": "streams", "limit": most, "used": count},
            )
        self._counts[wanted.tenant] = count + 1
        listener = Listener(wanted)
        self._open[listener] = None
        for key in wanted.found_by():
            self._by_key.setdefault(key, set()).add(listener)
        if self._leaving:
            listener.close()
        return listener

    def remove(self, listener: Listener) -> None:
        """It is gone. Again changes nothing."""
        if self._open.pop(listener, self) is self:
            return
        wanted = listener.wanted
        for key in wanted.found_by():
            self._by_key[key].discard(listener)
            if not self._by_key[key]:
                del self._by_key[key]
        self._counts[wanted.tenant] -= 1
        if not self._counts[wanted.tenant]:
            del self._counts[wanted.tenant]
        if not self._open:
            self._progressed.clear()

    @property
    def empty(self) -> bool:
        """Whether nobody listens."""
        return not self._open

    def count(self, tenant: str | None = None) -> int:
        """How many there are, or how many of the tenant's."""
        return len(self._open) if tenant is None else self._counts.get(tenant, 0)

    def has(self, job_id: UUID) -> bool:
        """Whether anybody listens to this job."""
        return job_id in self._by_key

    def concerns(self, job_id: UUID, tenant: str, type_name: str) -> bool:
        """Whether anybody may want such an event."""
        return any(key in self._by_key for key in keys_of(job_id, tenant, type_name))

    def publish(self, event: LiveEvent) -> None:
        """Hand it to all who want it."""
        if event.final:
            self._progressed.pop(event.job_id, None)
        for key in keys_of(event.job_id, event.tenant, event.type):
            for listener in self._by_key.get(key, ()):
                listener.offer(event)

    def progress(self, event: LiveEvent) -> None:
        """The same for progress, at most four times a second a job."""
        if not self.concerns(event.job_id, event.tenant, event.type):
            return
        now = asyncio.get_running_loop().time()
        if now - self._progressed.get(event.job_id, 0.0) >= PROGRESS_EVERY:
            if len(self._progressed) >= _MOST_REMEMBERED:
                self._progressed.clear()
            self._progressed[event.job_id] = now
            self.publish(event)

    def close(self) -> None:
        """The process leaves: every stream ends, to be resumed elsewhere."""
        self._leaving = True
        for listener in self.listeners():
            listener.close()

    def listeners(self) -> Sequence[Listener]:
        """All of them."""
        return tuple(self._open)
