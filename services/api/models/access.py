"""Who calls, and what that allows: keys, their scopes, and the tenant that they speak for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.events.envelope import DEFAULT_TENANT


class Scope(StrEnum):
    """What a key may do. None includes another."""

    MEDIA_READ = "media:read"
    MEDIA_WRITE = "media:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    KEYS = "keys"
    OPERATE = "operate"


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose request it is. `key_id` is None for the operator's first key, and without keys."""

    tenant: str
    scopes: frozenset[Scope]
    key_id: UUID | None
    name: str
    signature: str = field(init=False, compare=False, repr=False)
    """Who it was, for what is written down."""

    def __post_init__(self) -> None:
        known = self.name if self.key_id is None else f"{self.name} ({self.key_id})"
        object.__setattr__(self, "signature", known)


ANYBODY = Caller(DEFAULT_TENANT, ALL_SCOPES, None, "anybody")
"""Who calls where no keys are needed."""

OPERATOR = Caller(DEFAULT_TENANT, ALL_SCOPES, None, "operator")
"""Who calls with the key of the settings."""


@dataclass(frozen=True, slots=True)
class KeyRules:
    """How many keys of one tenant count at once, and how long those are kept that do no more."""

    most: int = 100
    kept: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: of its secret only the hash.

    One with a `broker_user` has no secret: RabbitMQ says who that is.
    """

    id: UUID
    tenant: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    broker_user: str | None = None
    hash: bytes | None = field(default=None, repr=False)

    @property
    def caller(self) -> Caller:
        """Who calls with it."""
        return Caller(self.tenant, self.scopes, self.id, self.name)

    def has_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now
