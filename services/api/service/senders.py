"""Who sent a command, and whether it may: the broker vouches for its user, a key says the rest.

Without keys everybody on the broker is believed: the tenant is what the envelope says.
"""

from dataclasses import replace
from typing import Protocol

import structlog

from services.api.errors import ScopeMissingError, UnauthenticatedError
from services.api.metrics import AccessMetrics
from services.api.models import Caller, Scope
from services.api.service.command_reading import Command
from services.api.service.keys import require

log = structlog.get_logger(__name__)


class KnowsBrokerUsers(Protocol):
    """What is needed of the service of access."""

    async def by_broker_user(self, name: str) -> Caller: ...


class Senders:
    """Admits commands. Without `access` everybody may send them, for any tenant."""

    def __init__(self, access: KnowsBrokerUsers | None, refused: AccessMetrics) -> None:
        self._access = access
        self._refused = refused

    async def admit(self, command: Command) -> Command:
        """The command, in the name of the tenant that its sender may speak for.

        Raises `UnauthenticatedError`, `ScopeMissingError`.
        """
        if self._access is None:
            return command
        try:
            return await self._admitted(self._access, command)
        except (UnauthenticatedError, ScopeMissingError) as problem:
            self._refused.refused(problem)
            raise

    async def _admitted(self, access: KnowsBrokerUsers, command: Command) -> Command:
        if not command.sender.user:
            raise UnauthenticatedError(
                "The command says no user: publish it with your user's name as its AMQP property "
                "user_id, which RabbitMQ checks."
            )
        caller = await access.by_broker_user(command.sender.user)
        require(caller, Scope.MEDIA_WRITE)
        return _in_the_name_of(caller, command)


def _in_the_name_of(caller: Caller, command: Command) -> Command:
    """An envelope that says nothing is the caller's; another tenant's takes an operator."""
    envelope = command.envelope
    if "tenant" in envelope.model_fields_set and envelope.tenant != caller.tenant:
        require(caller, Scope.OPERATE, f"A command for the tenant {envelope.tenant!r}")
        return command
    return replace(command, envelope=envelope.model_copy(update={"tenant": caller.tenant}))
