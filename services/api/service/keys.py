"""Handing out keys, and taking them back. Nobody hands out what he has not.

Neighbours: `access` says who calls with them, `key_purging` forgets those that have long ended;
other processes hear of changes through Postgres.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from services.api.errors import KeyQuotaExceededError, ScopeMissingError
from services.api.metrics import LimitMetrics
from services.api.models import ApiKey, Caller, Scope
from services.api.repository.keys import NEW
from services.api.service.access import hash_of, token_of
from services.api.service.key_ring import KeyRing
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock, NewId

NewSecret = Callable[[], str]

log = structlog.get_logger(__name__)


def new_secret() -> str:
    """256 random bits, in hexadecimal digits."""
    return secrets.token_hex(32)


def require(caller: Caller, scope: Scope, why: str = "") -> None:
    """Raises `ScopeMissingError` unless the caller has the scope."""
    if scope not in caller.scopes:
        raise ScopeMissingError(
            f"{why or 'This'} needs a key with the scope {scope.value}; {caller.name!r} has not.",
            extra={"scope": scope.value},
        )


@dataclass(frozen=True, slots=True)
class WantedKey:
    """A key that somebody wants; `tenant` None: for his own."""

    name: str
    scopes: frozenset[Scope]
    tenant: str | None = None
    lasting: timedelta | None = None
    broker_user: str | None = None


class KeyService:
    """All keys, as far as the caller may know of them: with `operate` of everybody.

    So many of one tenant may count at once, `most`.
    """

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        ring: KeyRing,
        clock: Clock,
        new_id: NewId,
        *,
        most: int,
        limited: LimitMetrics,
        new_secret: NewSecret = new_secret,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._ring = ring
        self._clock = clock
        self._new_id = new_id
        self._limited = limited
        self._most = most
        self._new_secret = new_secret

    async def create(self, caller: Caller, wanted: WantedKey) -> tuple[ApiKey, str | None]:
        """A new key, and what its owner has to say: nobody can show it again.

        None for a user of the broker. Raises `ScopeMissingError`, `KeyQuotaExceededError`,
        `BrokerUserTakenError`.
        """
        tenant = wanted.tenant or caller.tenant
        _check(caller, wanted, tenant)
        key_id, now = self._new_id(), self._clock.now()
        token = None if wanted.broker_user else token_of(key_id, self._new_secret())
        key = ApiKey(
            id=key_id,
            tenant=tenant,
            name=wanted.name,
            scopes=wanted.scopes,
            created_at=now,
            expires_at=None if wanted.lasting is None else now + wanted.lasting,
            broker_user=wanted.broker_user,
            hash=None if token is None else hash_of(token),
        )
        async with self._unit_of_work() as work:
            self._require_room(await work.keys.count_alone(tenant, now))
            await work.keys.add(key)
        self._ring.hear(NEW)
        log.info("key.created", key=str(key.id), tenant=tenant, by=caller.signature)
        return key, token

    def _require_room(self, used: int) -> None:
        if used >= self._most:
            self._limited.refused("keys")
            raise KeyQuotaExceededError(
                f"There are {used:,} keys that count, and {self._most:,} may be: revoke one, or "
                "have DARKROOM_API_KEYS_PER_TENANT raised.",
                extra={"quota": "keys", "limit": self._most, "used": used},
            )

    async def get(self, caller: Caller, key_id: UUID) -> ApiKey:
        """Raises `KeyNotFoundError`."""
        async with self._unit_of_work() as work:
            work.alone()
            return await work.keys.get(_whose(caller), key_id)

    async def list_by_tenant(
        self, caller: Caller, tenant: str | None, limit: int, before: UUID | None = None
    ) -> list[ApiKey]:
        """Newest first; `tenant` None: all that the caller may see. Raises `ScopeMissingError`."""
        if tenant not in {None, caller.tenant}:
            require(caller, Scope.OPERATE, "Another tenant")
        async with self._unit_of_work() as work:
            work.alone()
            return await work.keys.list_by_tenant(tenant or _whose(caller), limit, before)

    async def revoke(self, caller: Caller, key_id: UUID) -> None:
        """It counts no more, in any process. Raises `KeyNotFoundError`."""
        async with self._unit_of_work() as work:
            await work.keys.revoke(_whose(caller), key_id, self._clock.now())
        self._ring.hear(key_id.hex)
        log.info("key.revoked", key=str(key_id), by=caller.signature)


def _whose(caller: Caller) -> str | None:
    return None if Scope.OPERATE in caller.scopes else caller.tenant


def _check(caller: Caller, wanted: WantedKey, tenant: str) -> None:
    """Whoever binds a user of the broker says whose its commands are: that is for operators."""
    if tenant != caller.tenant:
        require(caller, Scope.OPERATE, "A key of another tenant")
    if wanted.broker_user is not None:
        require(caller, Scope.OPERATE, "A key of a broker user")
    for scope in sorted(wanted.scopes - caller.scopes):
        require(caller, scope, "A key of that kind")
