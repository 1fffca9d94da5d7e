"""Providers that answer an order with what they made: there is nothing to ask for afterwards.

An answer that is lost is lost, and has been paid for. Only a server that honours the header
`Idempotency-Key` can be given the same order again, and answers what it answered before.
"""

from typing import Generic

from pydantic import Field

from services.generator.generators.remote.doubt import nobody_knows
from services.generator.generators.remote.orders import (
    Assignment,
    InputT,
    Order,
    RemoteGenerator,
    SettingsT,
)
from services.generator.generators.remote.settings import BackendSettings


class SynchronousBackend(BackendSettings):
    """A server whose answer is the result."""

    base_url: str = "https://api.openai.com/v1"
    model: str = Field(max_length=200, description="Which of its models is used.")
    idempotent: bool = Field(
        False,
        description="It honours the header Idempotency-Key: lost answers are asked for again.",
    )


class SynchronousGenerator(RemoteGenerator[InputT, SettingsT], Generic[InputT, SettingsT]):
    """Subclasses submit with `headers`."""

    def headers(self, job: Assignment[InputT, SettingsT]) -> dict[str, str]:
        """For the order: the same key for the same order, where that means something."""
        return {"Idempotency-Key": job.key} if _is_idempotent(job) else {}

    async def look_for(self, job: Assignment[InputT, SettingsT]) -> Order | None:
        if _is_idempotent(job):
            return await self.submit(job, None)
        raise nobody_knows(job.backend.name)


def _is_idempotent(job: Assignment[InputT, SettingsT]) -> bool:
    return isinstance(job.told, SynchronousBackend) and job.told.idempotent
