"""GET and PUT /v1/budget: what may be spent at providers, and how that stands."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Account, Budget, Period, Scope, money
from services.api.routes.answers import answer
from services.api.routes.authenticating import needs
from services.api.routes.documented import Responses, json_body, problems
from services.api.routes.headers import require_json, tenant_of
from services.api.service import ApiServices
from services.api.service.specification import read_model
from shared.events.parts import Timestamp, rfc3339


class BudgetIn(BaseModel):
    """What may be spent from now on."""

    model_config = ConfigDict(extra="forbid")

    limit: float | None = Field(ge=0, le=999_999, description="In USD; null: anything.")
    period: Period = Field(
        default=Period.MONTH, description="`month`: each calendar month, in UTC; `total`: for ever."
    )


class BudgetOut(BaseModel):
    """How the budget stands. All amounts are in USD."""

    tenant: str
    limit: float | None = Field(description="What may be spent; null: anything.")
    period: Period
    period_starts_at: Timestamp | None = Field(description="null: from the beginning.")
    period_ends_at: Timestamp | None = Field(description="null: never.")
    spent: float = Field(description="What attempts have cost in this period.")
    reserved: float = Field(description="What is set aside for jobs that have not ended.")
    left: float | None = Field(description="What may still be asked for; null: anything.")


def budget_routes(services: ApiServices) -> APIRouter:
    """The routes that show and set it."""
    router = APIRouter(prefix="/v1/budget", tags=["operations"])
    shown: Responses = {200: {"model": BudgetOut, "description": "How it stands."}}

    @router.get(
        "",
        dependencies=[needs(Scope.MEDIA_READ)],
        summary="How the budget stands",
        responses={**shown, **problems()},
    )
    async def show_budget(request: Request) -> Response:
        return answer(budget_json(await services.budgets.account(tenant_of(request))))

    @router.put(
        "",
        dependencies=[needs(Scope.OPERATE)],
        summary="Limit what may be spent",
        description="By your tenant, or by the one that `X-Darkroom-Tenant` names. Requests that "
        "may cost more than is left are refused: 402 (`budget_exhausted`). What is under way goes "
        "on.",
        responses={**shown, **problems(400, 413, 415, 422)},
        openapi_extra=json_body("BudgetIn", {"limit": 25, "period": "month"}),
    )
    async def set_budget(request: Request) -> Response:
        require_json(request)
        wanted: BudgetIn = read_model(BudgetIn, await request.body())
        tenant = tenant_of(request)
        if wanted.limit is None:
            account = await services.budgets.lift(tenant)
        else:
            budget = Budget(tenant, money(wanted.limit), wanted.period)
            account = await services.budgets.limit(budget)
        return answer(budget_json(account))

    return router


def budget_json(account: Account) -> dict[str, Any]:
    """A `BudgetOut`."""
    limit, left = account.limit, account.left
    return {
        "tenant": account.tenant,
        "limit": None if limit is None else float(limit),
        "period": account.period.value,
        "period_starts_at": rfc3339(account.starts_at) if account.starts_at else None,
        "period_ends_at": rfc3339(account.ends_at) if account.ends_at else None,
        "spent": float(account.spent),
        "reserved": float(account.reserved),
        "left": None if left is None else float(left),
    }
