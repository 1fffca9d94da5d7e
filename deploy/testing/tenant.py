"""Somebody of their own at a running Darkroom, for tests that shall not see each other's jobs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.client import DarkroomClient, SyncDarkroomClient

SCOPES: Final = ("media:read", "media:write", "webhooks:read", "webhooks:write")


class NoKeysError(RuntimeError):
    """This Darkroom has one tenant: let `darkroom_settings` return {"DARKROOM_AUTH": "keys"}."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class DarkroomTenant:
    """A tenant with a key; its jobs, listeners, webhooks and budget are its own."""

    url: str
    name: str
    api_key: str = field(repr=False)

    @classmethod
    def fresh(
        cls, operator: SyncDarkroomClient, url: str, scopes: Sequence[str]
    ) -> "DarkroomTenant":
        """One that nobody has been, with a key for these scopes."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        made = operator.keys.create(name, scopes, tenant=name)
        assert made.key, "a key that is made shows its secret"
        return cls(url, name, made.key)

    @property
    def webhook_secret(self) -> str:
        """What the calls are signed with that come with its requests."""
        with self.client() as client:
            return client.webhooks.secret().secret

    def client(self, **options: Any) -> SyncDarkroomClient:
        """A client of it; use it as `with`, or close it."""
        return SyncDarkroomClient(self.url, **{"api_key": self.api_key, **options})

    def async_client(self, **options: Any) -> DarkroomClient:
        """The same with `await`."""
        return DarkroomClient(self.url, **{"api_key": self.api_key, **options})
