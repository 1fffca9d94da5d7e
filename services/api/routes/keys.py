"""/v1/keys: handing out keys, looking at them, taking them back."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from services.api.errors import KeyNotFoundError
from services.api.models import ApiKey, Scope
from services.api.routes.answers import answer
from services.api.routes.authenticating import needs
from services.api.routes.cursors import cursor_of_id, id_of_cursor
from services.api.routes.documented import json_body, problems
from services.api.routes.headers import caller_of, require_json
from services.api.service import ApiServices
from services.api.service.keys import WantedKey
from services.api.service.specification import read_model
from shared.events.envelope import TENANT_PATTERN
from shared.events.parts import Timestamp, rfc3339
from shared.webhooks.models import TENANT_HEADER

TenantName = Annotated[str, StringConstraints(pattern=TENANT_PATTERN)]
_Text = StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
_User = StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")
_LONGEST = 10 * 366 * 86_400


class KeyIn(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, _Text] = Field(description="What it is for, for people.")
    scopes: list[Scope] = Field(min_length=1, description="What it allows; none includes another.")
    tenant: TenantName | None = Field(
        None, description="Whose it is: your own when left out; another's needs `operate`."
    )
    expires_in: int | None = Field(
        None, ge=1, le=_LONGEST, description="Seconds until it counts no more; null: for ever."
    )
    broker_user: Annotated[str, _User] | None = Field(
        None,
        description="No secret: it counts for commands of this user of RabbitMQ. Needs `operate`.",
    )


class KeyOut(BaseModel):
    """A key; what it is, never what has to be said."""

    id: UUID
    name: str
    tenant: str
    scopes: list[Scope]
    created_at: Timestamp
    expires_at: Timestamp | None = Field(description="null: never.")
    last_used_at: Timestamp | None = Field(description="To the minute; null: never.")
    revoked_at: Timestamp | None = Field(description="null: it counts.")
    broker_user: str | None = Field(description="The user of RabbitMQ that it stands for.")


class NewKeyOut(KeyOut):
    """A key that was just made."""

    key: str | None = Field(
        default=None,
        description="To be sent as `Authorization: Bearer …`. It is shown this once; a key of a "
        "broker user has none.",
    )


class KeyList(BaseModel):
    """A page of keys."""

    items: list[KeyOut]
    next_cursor: str | None = Field(description="null: these are the last.")


class KeyQuery(BaseModel):
    """Which keys to list."""

    model_config = ConfigDict(extra="forbid")

    tenant: TenantName | None = Field(
        None, description="Only of this tenant. With `operate` else of all, without it your own."
    )
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def _key_id(key_id: Annotated[str, Path(json_schema_extra={"format": "uuid"})]) -> UUID:
    try:
        return UUID(key_id)
    except ValueError as error:
        raise KeyNotFoundError(f"There is no key {key_id[:100]!r}.") from error


KeyId = Annotated[UUID, Depends(_key_id)]
_EXAMPLE = {"name": "shop", "scopes": ["media:read", "media:write"], "expires_in": 7_776_000}


def key_routes(services: ApiServices) -> APIRouter:
    """The routes about keys."""
    router = APIRouter(prefix="/v1/keys", tags=["keys"], dependencies=[needs(Scope.KEYS)])

    @router.post(
        "",
        status_code=201,
        summary="Make a key",
        description="It allows no more than your own does. 409 (`broker_user_taken`): there is one "
        "for this user of RabbitMQ; (`quota_exceeded`): as many of the tenant count as may.",
        responses={201: {"model": NewKeyOut}, **problems(400, 409, 413, 415, 422)},
        openapi_extra=json_body("KeyIn", _EXAMPLE),
    )
    async def create(request: Request) -> Response:
        require_json(request)
        key, said = await services.keys.create(caller_of(request), _wanted(await request.body()))
        shown = key_json(key) if said is None else {**key_json(key), "key": said}
        return answer(shown, 201, {"cache-control": "no-store"})

    @router.get(
        "",
        summary="Keys, newest first",
        description="Also those that have expired or were revoked.",
        responses={200: {"model": KeyList}, **problems(422)},
    )
    async def list_keys(request: Request, query: Annotated[KeyQuery, Query()]) -> Response:
        tenant = query.tenant or request.headers.get(TENANT_HEADER)
        before = id_of_cursor(query.cursor)
        found = await services.keys.list_by_tenant(
            caller_of(request), tenant, query.limit + 1, before
        )
        shown = found[: query.limit]
        more = cursor_of_id(shown[-1].id) if len(found) > query.limit else None
        return answer({"items": [key_json(one) for one in shown], "next_cursor": more})

    @router.get("/{key_id}", summary="One key", responses={200: {"model": KeyOut}, **problems(404)})
    async def get(request: Request, key_id: KeyId) -> Response:
        return answer(key_json(await services.keys.get(caller_of(request), key_id)))

    @router.delete(
        "/{key_id}",
        status_code=204,
        summary="Revoke a key",
        description="At once, in all processes; its streams of events end. Requests under way are "
        "answered. Once more changes nothing.",
        responses=problems(404),
    )
    async def revoke(request: Request, key_id: KeyId) -> Response:
        await services.keys.revoke(caller_of(request), key_id)
        return Response(status_code=204)

    return router


def _wanted(body: bytes) -> WantedKey:
    told: KeyIn = read_model(KeyIn, body)
    lasting = None if told.expires_in is None else timedelta(seconds=told.expires_in)
    return WantedKey(told.name, frozenset(told.scopes), told.tenant, lasting, told.broker_user)


def key_json(key: ApiKey) -> dict[str, Any]:
    """A `KeyOut`."""
    moments = {
        name: moment and rfc3339(moment)
        for name in ("created_at", "expires_at", "last_used_at", "revoked_at")
        for moment in [getattr(key, name)]
    }
    return {
        "id": str(key.id),
        "name": key.name,
        "tenant": key.tenant,
        "scopes": sorted(key.scopes),
        **moments,
        "broker_user": key.broker_user,
    }
