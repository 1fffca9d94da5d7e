"""/v1/webhooks/endpoints, and the secret of addresses that come with requests."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.notifier.errors import EndpointNotFoundError
from services.notifier.models import Call, Endpoint, KeptSecret
from services.notifier.routes.asking import answer, id_of, idempotency_key, invalid, read, tenant_of
from services.notifier.service.webhooks import EndpointService
from shared.errors import FieldError
from shared.webhooks.models import (
    NewWebhookEndpoint,
    WebhookEndpoint,
    WebhookEndpointIn,
    WebhookEndpointList,
    WebhookEndpointPatch,
    WebhookSecret,
    WebhookTest,
)

PATH = "/v1/webhooks/endpoints"


def endpoint_routes(endpoints: EndpointService) -> list[Route]:
    """The routes."""
    doors = _Doors(endpoints)
    return [
        Route(PATH, doors.create, methods=["POST"]),
        Route(PATH, doors.list, methods=["GET"]),
        Route(f"{PATH}/{{id}}", doors.show, methods=["GET"]),
        Route(f"{PATH}/{{id}}", doors.change, methods=["PATCH"]),
        Route(f"{PATH}/{{id}}", doors.remove, methods=["DELETE"]),
        Route(f"{PATH}/{{id}}/secret", doors.secret, methods=["GET"]),
        Route(f"{PATH}/{{id}}/rotate-secret", doors.rotate, methods=["POST"]),
        Route(f"{PATH}/{{id}}/test", doors.test, methods=["POST"]),
        Route("/v1/webhooks/secret", doors.default_secret, methods=["GET"]),
        Route("/v1/webhooks/rotate-secret", doors.rotate_default, methods=["POST"]),
    ]


class _Doors:
    def __init__(self, endpoints: EndpointService) -> None:
        self._endpoints = endpoints

    async def create(self, request: Request) -> Response:
        wanted = await read(WebhookEndpointIn, request)
        endpoint, secret = await self._endpoints.create(
            tenant_of(request), wanted.model_dump(), idempotency_key(request)
        )
        shown = {**_shown(endpoint), "secret": secret.secret}
        return answer(NewWebhookEndpoint, shown, 201)

    async def list(self, request: Request) -> Response:
        found = await self._endpoints.list(tenant_of(request))
        return answer(WebhookEndpointList, {"items": [_shown(one) for one in found]})

    async def show(self, request: Request) -> Response:
        found = await self._endpoints.get(tenant_of(request), _id(request))
        return answer(WebhookEndpoint, _shown(found))

    async def change(self, request: Request) -> Response:
        endpoint_id = _id(request)
        wanted = (await read(WebhookEndpointPatch, request)).model_dump(exclude_unset=True)
        if none := [name for name, value in wanted.items() if value is None]:
            raise invalid(FieldError(f"/{name}", "leave it out, or give a value") for name in none)
        changed = await self._endpoints.change(tenant_of(request), endpoint_id, wanted)
        return answer(WebhookEndpoint, _shown(changed))

    async def remove(self, request: Request) -> Response:
        await self._endpoints.remove(tenant_of(request), _id(request))
        return Response(status_code=204)

    async def secret(self, request: Request) -> Response:
        return _secret(await self._endpoints.secret(tenant_of(request), _id(request)))

    async def rotate(self, request: Request) -> Response:
        return _secret(await self._endpoints.rotate(tenant_of(request), _id(request)))

    async def default_secret(self, request: Request) -> Response:
        return _secret(await self._endpoints.secret(tenant_of(request), None))

    async def rotate_default(self, request: Request) -> Response:
        return _secret(await self._endpoints.rotate(tenant_of(request), None))

    async def test(self, request: Request) -> Response:
        event_id, call = await self._endpoints.test(tenant_of(request), _id(request))
        said = {"event_id": event_id, "delivered": call.delivered, "attempt": _attempt(call)}
        return answer(WebhookTest, said)


def _id(request: Request) -> Any:
    return id_of(request, EndpointNotFoundError)


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in WebhookEndpoint.model_fields}


def _secret(kept: KeptSecret) -> Response:
    said = {"secret": kept.secret, "previous_until": kept.previous_until}
    return answer(WebhookSecret, said)


def _attempt(call: Call) -> dict[str, Any]:
    return {
        "number": 1,
        "started_at": call.started_at,
        "duration_ms": round(call.seconds * 1000),
        "status": call.status,
        "error_code": call.error_code,
        "error": call.error,
        "answer": call.answer,
    }
