"""Telling the other processes that something has come: one notification a batch."""

from sqlalchemy import text

from shared.database.connection import Connection

CHANNEL = "darkroom_generator"
WORK = "work"
STOP = "stop"
CONTROL = "control"

_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


class WakeupRepository:
    """Sent when the transaction commits; payloads are `<kind> <worker that says it>`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def notify(self, kind: str, worker: str) -> None:
        """Wake all that listen.

        `WORK` has come, somebody wants a running job to `STOP`, or said a word of `CONTROL`.
        """
        await self._connection.execute(_NOTIFY, {"channel": CHANNEL, "payload": f"{kind} {worker}"})
