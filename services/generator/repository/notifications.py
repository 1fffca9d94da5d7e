"""Hearing of the other processes of this service.

Neighbour: `wakeups` says what is heard here. What is missed is found by the polls.
"""

from collections.abc import Callable, Mapping

from services.generator.repository.wakeups import CHANNEL
from shared.database.engine import Engine
from shared.database.listening import Listener


def listener(engine: Engine, worker: str, calls: Mapping[str, Callable[[], None]]) -> Listener:
    """Calls what is registered for a kind of notification, unless this worker said it itself."""

    def hear(payload: str) -> None:
        kind, _, speaker = payload.partition(" ")
        call = calls.get(kind)
        if call is not None and speaker != worker:
            call()

    return Listener(engine, CHANNEL, hear)
