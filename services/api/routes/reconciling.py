"""POST /v1/media/{id}/reconcile: what became of an order that a provider may have taken."""

from typing import Any, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.responses import Response

from services.api.models import Scope
from services.api.routes.answers import JobId, answer
from services.api.routes.authenticating import needs
from services.api.routes.documented import json_body, problems
from services.api.routes.headers import require_json, tenant_of
from services.api.routes.presenters import job_json
from services.api.routes.schemas import JobOut
from services.api.service import ApiServices
from services.api.service.reconciling import Decision
from services.api.service.specification import read_model
from shared.events import Resolution
from shared.events.parts import WITHOUT_NUL


class ReconcileIn(BaseModel):
    """What somebody has found out, and decided."""

    model_config = ConfigDict(extra="forbid")

    resolution: Resolution = Field(
        description="`attach`: the provider has it, wait for it; `resubmit`: it has not, order it "
        "again; `fail`: give it up."
    )
    provider_job_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        pattern=WITHOUT_NUL,
        description="With `attach`, and only then: what the provider calls it.",
    )
    reason: str | None = Field(
        default=None, max_length=500, description="With `fail`: why, for who asked for it."
    )

    @model_validator(mode="after")
    def _must_fit(self) -> Self:
        if (self.resolution is Resolution.ATTACH) is (self.provider_job_id is None):
            raise ValueError("provider_job_id is needed with `attach`, and only there")
        if self.reason is not None and self.resolution is not Resolution.FAIL:
            raise ValueError("reason is said only with `fail`")
        return self


_EXAMPLE: dict[str, Any] = {"resolution": "attach", "provider_job_id": "q4w8e2rt5y"}


def reconciling_routes(services: ApiServices) -> APIRouter:
    """The route that decides."""
    router = APIRouter(prefix="/v1/media", tags=["operations"], dependencies=[needs(Scope.OPERATE)])

    @router.post(
        "/{job_id}/reconcile",
        status_code=202,
        summary="Decide about a job that needs reconciliation",
        description="For a job with the status `needs_reconciliation`: a provider may have taken "
        "its order and may charge for it, but the answer was never heard. Look there "
        "(`reconciliation` says where), then decide. Deciding the same again changes nothing. "
        "409 (`nothing_to_reconcile`): nobody has to decide anything, or somebody has.",
        responses={
            202: {"model": JobOut, "description": "It goes on, or will fail."},
            **problems(400, 404, 409, 413, 415, 422),
        },
        openapi_extra=json_body("ReconcileIn", _EXAMPLE),
    )
    async def reconcile(request: Request, job_id: JobId) -> Response:
        require_json(request)
        told: ReconcileIn = read_model(ReconcileIn, await request.body())
        decision = Decision(told.resolution, told.provider_job_id, told.reason)
        job = await services.reconciliation.decide(tenant_of(request), job_id, decision)
        return answer(job_json(services.queries.view(job)), 202)

    return router
