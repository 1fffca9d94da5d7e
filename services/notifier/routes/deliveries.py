"""/v1/webhooks/deliveries: what was sent and what became of it; and once more."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.notifier.errors import DeliveryNotFoundError
from services.notifier.models import DeliveryFilter
from services.notifier.routes.asking import (
    answer,
    id_of,
    invalid,
    parameter,
    read,
    tenant_of,
)
from services.notifier.service.webhooks import DeliveryService
from services.notifier.service.webhooks.deliveries import Looked
from shared.errors import FieldError
from shared.webhooks.models import (
    Status,
    WebhookAttempt,
    WebhookDelivery,
    WebhookDeliveryDetail,
    WebhookDeliveryList,
    WebhookReplay,
    WebhookReplayIn,
)

PATH = "/v1/webhooks/deliveries"
_PAGE = 50


def delivery_routes(deliveries: DeliveryService) -> list[Route]:
    """The routes."""
    doors = _Doors(deliveries)
    return [
        Route(PATH, doors.list, methods=["GET"]),
        Route(f"{PATH}/{{id}}", doors.show, methods=["GET"]),
        Route(f"{PATH}/{{id}}/replay", doors.replay, methods=["POST"]),
        Route("/v1/webhooks/replay", doors.replay_many, methods=["POST"]),
    ]


class _Doors:
    def __init__(self, deliveries: DeliveryService) -> None:
        self._deliveries = deliveries

    async def list(self, request: Request) -> Response:
        limit = parameter(request, "limit", Annotated[int, Field(ge=1, le=200)]) or _PAGE
        wanted = DeliveryFilter(
            endpoint_id=parameter(request, "endpoint", UUID),
            status=parameter(request, "status", Status),
            job_id=parameter(request, "job", UUID),
            since=parameter(request, "since", AwareDatetime),
        )
        before = _id_of_cursor(request.query_params.get("cursor"))
        page, more = await self._deliveries.list(tenant_of(request), wanted, before, limit)
        cursor = _cursor(page[-1].id) if more else None
        return answer(
            WebhookDeliveryList, {"items": list(map(_shown, page)), "next_cursor": cursor}
        )

    async def show(self, request: Request) -> Response:
        return _detail(await self._deliveries.get(tenant_of(request), _id(request)))

    async def replay(self, request: Request) -> Response:
        return _detail(await self._deliveries.replay(tenant_of(request), _id(request)), 202)

    async def replay_many(self, request: Request) -> Response:
        wanted = await read(WebhookReplayIn, request)
        replayed, more = await self._deliveries.replay_many(
            tenant_of(request), wanted.status, wanted.endpoint, wanted.since, wanted.until
        )
        return answer(WebhookReplay, {"replayed": replayed, "more": more}, 202)


def _id(request: Request) -> UUID:
    return id_of(request, DeliveryNotFoundError)


def _detail(looked: Looked, status: int = 200) -> Response:
    shown = {
        **_shown(looked.delivery),
        "body": looked.delivery.body,
        "attempt_log": [
            {name: row[name] for name in WebhookAttempt.model_fields} for row in looked.attempts
        ],
    }
    return answer(WebhookDeliveryDetail, shown, status)


def _shown(row: Any) -> dict[str, Any]:
    next_at: datetime | None = row.due_at if row.status == "pending" else None
    names = set(WebhookDelivery.model_fields) - {"next_attempt_at"}
    return {**{name: row[name] for name in names}, "next_attempt_at": next_at}


def _cursor(delivery_id: UUID) -> str:
    return urlsafe_b64encode(delivery_id.bytes).decode().rstrip("=")


def _id_of_cursor(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(bytes=urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        message = "not a cursor: pass on `next_cursor` unchanged"
        raise invalid([FieldError("/query/cursor", message)]) from None
