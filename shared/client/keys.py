"""The calls about API keys: `darkroom.keys.create("shop", ["media:read"])`, `.revoke(id)`, …"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from pydantic import Field

from shared.client.models import Answer, Page
from shared.client.reading import given, read
from shared.client.transport import ApiTransport

PATH: Final = "/v1/keys"


class ApiKey(Answer):
    """A key, as it is listed; nobody can see its secret again."""

    id: str
    name: str
    tenant: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    """Roughly; None: never."""
    revoked_at: datetime | None = None
    broker_user: str | None = None
    """The RabbitMQ user whose commands count as this key's."""


class NewApiKey(ApiKey):
    """The same with the key itself, which is shown once; a broker's user has none."""

    key: str | None = Field(default=None, repr=False)


class Keys:
    """Who may ask for what. Needs the scope `keys`; `operate` as well for other tenants."""

    def __init__(self, api: ApiTransport) -> None:
        self._api = api

    async def create(
        self,
        name: str,
        scopes: Iterable[str],
        *,
        tenant: str | None = None,
        expires_in: timedelta | None = None,
        broker_user: str | None = None,
    ) -> NewApiKey:
        """A new key of this tenant or another one; it can do no more than whoever makes it.

        With a `broker_user` it has no secret, but the name of a user of RabbitMQ. Asked again after
        a lost answer, it may leave another key in the list, which nobody knows.
        """
        more = {
            "tenant": tenant,
            "expires_in": None if expires_in is None else int(expires_in.total_seconds()),
            "broker_user": broker_user,
        }
        body = {"name": name, "scopes": list(scopes), **given(more)}
        return read(NewApiKey, await self._api.call("POST", PATH, json=body))

    async def list(
        self, *, tenant: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Page[ApiKey]:
        """A page of them, newest first, with those that are revoked or expired."""
        query = given({"tenant": tenant, "limit": limit, "cursor": cursor})
        return read(Page[ApiKey], await self._api.call("GET", PATH, params=query))

    async def get(self, key_id: str) -> ApiKey:
        """One of them."""
        return read(ApiKey, await self._api.call("GET", _place(key_id)))

    async def revoke(self, key_id: str) -> None:
        """From now on it opens nothing; again changes nothing."""
        await self._api.call("DELETE", _place(key_id))


def _place(key_id: str) -> str:
    return f"{PATH}/{quote(key_id, safe='')}"
