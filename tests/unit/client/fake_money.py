"""What the API in memory says of money, and of jobs that a provider may have taken."""

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.unit.client.fake_problem import problem

DOUBT = {
    "attempt": 1,
    "provider": "replicate",
    "provider_job_id": None,
    "since": "2026-11-22T20:00:00.000000Z",
    "resolution": None,
}


@dataclass
class FakeMoney:
    """A budget, and the jobs somebody has to decide about: those that are given."""

    jobs: dict[str, dict[str, Any]]
    budget: dict[str, Any] = field(
        default_factory=lambda: {
            "tenant": "default",
            "limit": None,
            "period": "month",
            "period_ends_at": "2026-12-01T00:00:00Z",
            "spent": 0.5,
            "reserved": 0.003,
            "left": None,
        }
    )
    decisions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/v1/budget", self._get),
            Route("/v1/budget", self._put, methods=["PUT"]),
            Route("/v1/media/{id}/reconcile", self._reconcile, methods=["POST"]),
        ]

    def park(self, job: dict[str, Any]) -> None:
        """Nobody knows whether it was taken."""
        failure = {"code": "outcome_unknown", "message": "The answer was never heard."}
        attempt = {"number": 1, "backend": "replicate", "outcome": "failed", "cost": 0.04}
        job |= {"status": "needs_reconciliation", "error": failure, "cost": 0.04}
        job |= {"reconciliation": DOUBT, "attempts": [attempt]}

    async def _get(self, _: Request) -> Response:
        return JSONResponse(self.budget)

    async def _put(self, request: Request) -> Response:
        told = await request.json()
        limit = told["limit"]
        left = None if limit is None else max(0, limit - 0.503)
        self.budget |= {"period": "month", **told, "left": left}
        return JSONResponse(self.budget)

    async def _reconcile(self, request: Request) -> Response:
        job = self.jobs[request.path_params["id"]]
        if job["status"] != "needs_reconciliation":
            return problem(409, "nothing_to_reconcile", f"it is {job['status']}")
        self.decisions.append(await request.json())
        job |= {"status": "retrying", "reconciliation": None, "error": None}
        return JSONResponse(job, 202)
