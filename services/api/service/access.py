"""Who calls: by the key that is said, or by the user that the broker vouches for.

Neighbours: `key_ring` has the keys in memory, `keys` makes and revokes them.
"""

import re
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from uuid import UUID

from services.api.errors import UnauthenticatedError
from services.api.models import OPERATOR, Caller
from services.api.service.key_ring import KeyRing, KnownKey, Lost, by_user
from shared.clock import Clock
from shared.events.parts import rfc3339

_TOKEN: Final = re.compile(r"dk_([0-9a-f]{32})_[0-9a-f]{64}")


def token_of(key_id: UUID, secret: str) -> str:
    """What the caller says; `secret` is 64 hexadecimal digits."""
    return f"dk_{key_id.hex}_{secret}"


def hash_of(token: str) -> bytes:
    """What is kept of it. It holds 256 random bits: there is nothing to guess, however fast."""
    return sha256(token.encode()).digest()


class AccessService:
    """Says who calls."""

    def __init__(self, keys: KeyRing, clock: Clock, operator_key: str | None = None) -> None:
        self._keys = keys
        self._clock = clock
        self._operator = hash_of(operator_key) if operator_key else None

    async def by_secret(self, token: str) -> Caller:
        """Whose key this is. Raises `UnauthenticatedError`."""
        said = hash_of(token)
        if self._operator is not None and compare_digest(said, self._operator):
            return OPERATOR
        read = _TOKEN.fullmatch(token)
        if read is None:
            raise UnauthenticatedError("This is not a key of Darkroom: they look like dk_…_….")
        known = await self._keys.find(read[1])
        if known is None or not compare_digest(said, known.key.hash or b""):
            raise UnauthenticatedError("There is no such key.")
        return self._admitted(known)

    async def by_broker_user(self, name: str) -> Caller:
        """Whose key belongs to this user of RabbitMQ. Raises `UnauthenticatedError`."""
        known = await self._keys.find(by_user(name))
        if known is None:
            raise UnauthenticatedError(f"There is no key for the broker user {name[:100]!r}.")
        return self._admitted(known)

    def watching(self, caller: Caller, lost: Lost) -> AbstractContextManager[None]:
        """Meanwhile `lost` is called when the caller's key counts no more."""
        return nullcontext() if caller.key_id is None else self._keys.watching(caller.key_id, lost)

    def _admitted(self, known: KnownKey) -> Caller:
        if not known.counts(self._clock.now()):
            key = known.key
            over = (
                f"was revoked at {rfc3339(key.revoked_at)}"
                if key.revoked_at
                else f"has expired at {rfc3339(key.expires_at or key.created_at)}"
            )
            raise UnauthenticatedError(f"The key {key.name!r} {over}.")
        known.used = True
        return known.caller
