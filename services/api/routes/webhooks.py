"""/v1/webhooks: documented here, answered by the notifier."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Scope
from services.api.routes.authenticating import needs
from services.api.routes.documented import KEY, json_body, problems
from services.api.routes.headers import idempotency_key, require_json, tenant_of
from services.api.service.notifier import Notifier
from shared.webhooks.models import (
    NewWebhookEndpoint,
    Status,
    WebhookDeliveryDetail,
    WebhookDeliveryList,
    WebhookEndpoint,
    WebhookEndpointIn,
    WebhookEndpointList,
    WebhookEndpointPatch,
    WebhookReplay,
    WebhookReplayIn,
    WebhookSecret,
    WebhookTest,
)

BODIES: Final = (WebhookEndpointIn, WebhookEndpointPatch, WebhookReplayIn)
_Id = Annotated[str, Path(json_schema_extra={"format": "uuid"})]
_EXAMPLES: Final[dict[type[BaseModel], dict[str, Any]]] = {
    WebhookEndpointIn: {"url": "https://example.org/hooks", "event_types": ["media.ready"]},
    WebhookEndpointPatch: {"enabled": True},
    WebhookReplayIn: {"status": "failed", "since": "2026-01-01T00:00:00Z"},
}


class DeliveryQuery(BaseModel):
    """Which deliveries to list."""

    model_config = ConfigDict(extra="forbid")

    endpoint: Annotated[str | None, Field(json_schema_extra={"format": "uuid"})] = None
    status: Status | None = None
    job: Annotated[str | None, Field(json_schema_extra={"format": "uuid"})] = None
    since: AwareDatetime | None = Field(None, description="Only events from then on.")
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


@dataclass(frozen=True, slots=True)
class _Door:
    """One operation; clients that are generated call it by its `name`."""

    name: str
    method: str
    path: str
    summary: str
    answers: type[BaseModel] | None
    status: int = 200
    takes: type[BaseModel] | None = None
    problems: tuple[int, ...] = ()
    says: str = ""
    with_key: bool = False

    @property
    def scope(self) -> Scope:
        """Who may read secrets can call in our name: that is more than looking."""
        looks = self.method == "GET" and self.answers is not WebhookSecret
        return Scope.WEBHOOKS_READ if looks else Scope.WEBHOOKS_WRITE


_ONE, _SENT = "/endpoints/{endpoint_id}", "/deliveries/{delivery_id}"
_SIGNED = "Calls are signed by the Standard Webhooks specification; body and id are those of the "
_DOORS: Final = (
    _Door("create_webhook_endpoint", "POST", "/endpoints",
          "Have an address called when jobs end", NewWebhookEndpoint, 201,
          WebhookEndpointIn, (400, 409, 413, 415, 422), _SIGNED + "final event on the broker.",
          with_key=True),
    _Door("list_webhook_endpoints", "GET", "/endpoints",
          "All webhook endpoints, the oldest first", WebhookEndpointList),
    _Door("get_webhook_endpoint", "GET", _ONE,
          "One webhook endpoint", WebhookEndpoint, problems=(404,)),
    _Door("change_webhook_endpoint", "PATCH", _ONE,
          "Change a webhook endpoint", WebhookEndpoint, 200, WebhookEndpointPatch,
          (400, 404, 413, 415, 422)),
    _Door("remove_webhook_endpoint", "DELETE", _ONE,
          "Remove a webhook endpoint and its log", None, 204, problems=(404,)),
    _Door("get_webhook_endpoint_secret", "GET", f"{_ONE}/secret",
          "What its calls are signed with", WebhookSecret,
          problems=(404,)),
    _Door("rotate_webhook_endpoint_secret", "POST", f"{_ONE}/rotate-secret",
          "Sign with a new secret", WebhookSecret,
          problems=(404,), says="For 24 hours calls are signed with the old one as well."),
    _Door("test_webhook_endpoint", "POST", f"{_ONE}/test",
          "Send a sample now", WebhookTest, problems=(404,),
          says="Answers what the endpoint has answered."),
    _Door("get_webhook_secret", "GET", "/secret",
          "What calls to addresses in requests are signed with", WebhookSecret),
    _Door("rotate_webhook_secret", "POST", "/rotate-secret",
          "Sign those with a new secret", WebhookSecret,
          says="For 24 hours calls are signed with the old one as well."),
    _Door("get_webhook_delivery", "GET", _SENT,
          "One delivery, with every call", WebhookDeliveryDetail, problems=(404,)),
    _Door("replay_webhook_delivery", "POST", f"{_SENT}/replay",
          "Send it again, with its id", WebhookDeliveryDetail, 202,
          problems=(404, 409)),
    _Door("replay_webhook_deliveries", "POST", "/replay",
          "Send again what failed or was skipped", WebhookReplay, 202,
          WebhookReplayIn, (400, 404, 409, 413, 415, 422),
          "Up to 10,000 deliveries, the oldest first; of enabled endpoints only."),
)  # fmt: skip


def webhook_routes(notifier: Notifier) -> APIRouter:
    """The routes; those that take a body read it themselves."""
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

    @router.get(
        "/deliveries",
        dependencies=[needs(Scope.WEBHOOKS_READ)],
        operation_id="list_webhook_deliveries",
        summary="Deliveries, the newest first",
        responses={200: {"model": WebhookDeliveryList}, **problems(422)},
    )
    async def list_deliveries(
        request: Request, _query: Annotated[DeliveryQuery, Query()]
    ) -> Response:
        return await _forward(notifier, request)

    for door in _DOORS:
        _open(router, door, notifier)
    return router


def _open(router: APIRouter, door: _Door, notifier: Notifier) -> None:
    shown: dict[str, Any] = {"description": door.summary}
    if door.answers:
        shown["model"] = door.answers
    router.add_api_route(
        door.path,
        _endpoint(door, notifier),
        methods=[door.method],
        dependencies=[needs(door.scope)],
        summary=door.summary,
        description=door.says or None,
        status_code=door.status,
        responses={door.status: shown, **problems(*door.problems)},
        openapi_extra=_extra(door),
        operation_id=door.name,
        name=door.summary,
    )


def _extra(door: _Door) -> dict[str, Any] | None:
    if door.takes is None:
        return None
    body = json_body(door.takes.__name__, _EXAMPLES[door.takes])
    return body | ({"parameters": [KEY]} if door.with_key else {})


def _endpoint(door: _Door, notifier: Notifier) -> Callable[..., Awaitable[Response]]:
    async def plain(request: Request) -> Response:
        if door.takes:
            require_json(request)
        key = idempotency_key(request) if door.with_key else None
        return await _forward(notifier, request, key)

    async def of_endpoint(
        request: Request,
        endpoint_id: _Id,  # noqa: ARG001 (it is in the path that is forwarded)
    ) -> Response:
        return await plain(request)

    async def of_delivery(
        request: Request,
        delivery_id: _Id,  # noqa: ARG001
    ) -> Response:
        return await plain(request)

    if "{endpoint_id}" in door.path:
        return of_endpoint
    return of_delivery if "{delivery_id}" in door.path else plain


async def _forward(notifier: Notifier, request: Request, key: str | None = None) -> Response:
    path = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope.get("query_string", b"")
    target = (path + b"?" + query if query else path).decode("latin-1")
    said = await notifier.ask(tenant_of(request), request.method, target, await request.body(), key)
    headers = {"retry-after": said.retry_after} if said.retry_after else {}
    content_type = said.content_type or None
    return Response(said.body, said.status, headers, media_type=content_type)
