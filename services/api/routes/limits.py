"""/v1/limits: what a tenant may use, how that stands, and exceptions for single tenants."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Rate, Scope, TenantLimits
from services.api.models.limits import LARGEST, LONGEST_WINDOW, Policy
from services.api.routes.answers import answer
from services.api.routes.authenticating import needs
from services.api.routes.documented import Responses, json_body, problems
from services.api.routes.headers import require_json, tenant_of
from services.api.service import ApiServices
from services.api.service.limit_book import Standing
from services.api.service.specification import read_model
from shared.events.envelope import TENANT_PATTERN

LARGEST_BYTES = 2**53 - 1
_Count = Annotated[int, Field(ge=1, le=LARGEST)]
TenantPath = Annotated[str, Path(pattern=TENANT_PATTERN)]
_EXAMPLE = {"jobs": {"quota": 600, "seconds": 60}, "uploads": None}


class RateIn(BaseModel):
    """So many at once, coming back evenly within so many seconds."""

    model_config = ConfigDict(extra="forbid")

    quota: _Count
    seconds: int = Field(60, ge=1, le=LONGEST_WINDOW)


class LimitsIn(BaseModel):
    """What holds for one tenant. What is left out is as the settings say; null: no limit."""

    model_config = ConfigDict(extra="forbid")

    requests: RateIn | None = Field(None, description="HTTP calls.")
    jobs: RateIn | None = Field(None, description="Accepted jobs, by HTTP or by command.")
    queued_jobs: _Count | None = Field(None, description="Jobs that wait at once.")
    uploads: _Count | None = Field(None, description="Uploads that are kept.")
    upload_bytes: Annotated[int, Field(ge=1, le=LARGEST_BYTES)] | None = Field(
        None, description="The bytes of all uploads that are kept."
    )
    streams: _Count | None = Field(
        None, description="Open streams of events, at each process of the api."
    )


class RateOut(BaseModel):
    """A limit over time."""

    quota: int
    seconds: int
    left: int = Field(description="So many more right now.")


class QuotaOut(BaseModel):
    """A limit of what there is at once."""

    limit: int | None = Field(description="null: none.")
    used: int


class LimitsOut(BaseModel):
    """What a tenant may, and how that stands."""

    tenant: str
    requests: RateOut | None = Field(description="null: as often as it likes.")
    jobs: RateOut | None = Field(description="null: as many as it likes.")
    queued_jobs: QuotaOut
    uploads: QuotaOut
    upload_bytes: QuotaOut
    streams: QuotaOut = Field(description="`used` are those at the process that answers.")
    exceptions: list[str] = Field(description="What is not as the settings say.")


class LimitedTenants(BaseModel):
    """Who has exceptions."""

    tenants: list[str]


_SHOWN: Responses = {200: {"model": LimitsOut, "description": "How it stands."}}


def limit_routes(services: ApiServices) -> APIRouter:
    """The route that shows a tenant its own."""
    router = APIRouter(
        prefix="/v1/limits", tags=["operations"], dependencies=[needs(Scope.MEDIA_READ)]
    )

    @router.get("", summary="What you may, and how that stands", responses={**_SHOWN, **problems()})
    async def show_own(request: Request) -> Response:
        return answer(standing_json(services, await services.limits.standing(tenant_of(request))))

    return router


def limit_setting_routes(services: ApiServices) -> APIRouter:
    """The routes for operators, about any tenant."""
    router = APIRouter(prefix="/v1", tags=["operations"], dependencies=[needs(Scope.OPERATE)])

    @router.get(
        "/limited-tenants",
        summary="Tenants with limits of their own",
        responses={200: {"model": LimitedTenants}, **problems()},
    )
    async def list_exceptions() -> Response:
        return answer({"tenants": await services.limits.tenants()})

    @router.get(
        "/limits/{tenant}",
        summary="What a tenant may, and how that stands",
        responses={**_SHOWN, **problems(422)},
    )
    async def show(tenant: TenantPath) -> Response:
        return answer(standing_json(services, await services.limits.standing(tenant)))

    @router.put(
        "/limits/{tenant}",
        summary="Let a tenant have other limits than the settings say",
        description="In place of what was said before: what is left out is as the settings say, "
        "null is no limit. It holds at once, in all processes; what is used stays used.",
        responses={**_SHOWN, **problems(400, 413, 415, 422)},
        openapi_extra=json_body("LimitsIn", _EXAMPLE),
    )
    async def change(request: Request, tenant: TenantPath) -> Response:
        require_json(request)
        wanted: LimitsIn = read_model(LimitsIn, await request.body())
        whole = wanted.model_dump(mode="json")
        said = {name: whole[name] for name in wanted.model_fields_set}
        return answer(standing_json(services, await services.limits.change(tenant, said)))

    @router.delete(
        "/limits/{tenant}",
        status_code=204,
        summary="Let the settings hold for a tenant again",
        responses=problems(422),
    )
    async def reset(tenant: TenantPath) -> Response:
        await services.limits.reset(tenant)
        return Response(status_code=204)

    return router


def standing_json(services: ApiServices, standing: Standing) -> dict[str, Any]:
    """A `LimitsOut`."""
    limits = standing.limits
    used = {
        "queued_jobs": standing.queued_jobs,
        "uploads": standing.uploaded.uploads,
        "upload_bytes": standing.uploaded.upload_bytes,
        "streams": services.hub.count(standing.tenant),
    }
    return {
        "tenant": standing.tenant,
        **{policy.value: _rate_json(limits, policy, standing.left) for policy in Policy},
        **{name: {"limit": getattr(limits, name), "used": amount} for name, amount in used.items()},
        "exceptions": sorted(standing.exceptions),
    }


def _rate_json(
    limits: TenantLimits, policy: Policy, left: Mapping[Policy, int]
) -> dict[str, int] | None:
    rate: Rate | None = limits.rate(policy)
    return None if rate is None else {**asdict(rate), "left": left[policy]}
