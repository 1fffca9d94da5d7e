"""What the API in memory says of limits."""

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RATES = ("requests", "jobs")
QUOTAS = {"queued_jobs": 3, "uploads": 1, "upload_bytes": 2_048, "streams": 0}
"""And how much of each is used."""


@dataclass
class FakeLimits:
    """What was said of tenants, by name."""

    said: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/v1/limits", self._own),
            Route("/v1/limited-tenants", self._tenants),
            Route("/v1/limits/{tenant}", self._get),
            Route("/v1/limits/{tenant}", self._put, methods=["PUT"]),
            Route("/v1/limits/{tenant}", self._reset, methods=["DELETE"]),
        ]

    def _shown(self, tenant: str) -> Response:
        said = self.said.get(tenant, {})
        holds: dict[str, Any] = {"jobs": {"quota": 600, "seconds": 60}, "streams": 2_000, **said}
        rates = {name: holds.get(name) for name in RATES}
        return JSONResponse(
            {
                "tenant": tenant,
                **{name: rate and {**rate, "left": rate["quota"]} for name, rate in rates.items()},
                **{name: {"limit": holds.get(name), "used": used} for name, used in QUOTAS.items()},
                "exceptions": sorted(said),
            }
        )

    async def _own(self, _: Request) -> Response:
        return self._shown("default")

    async def _tenants(self, _: Request) -> Response:
        return JSONResponse({"tenants": sorted(self.said)})

    async def _get(self, request: Request) -> Response:
        return self._shown(request.path_params["tenant"])

    async def _put(self, request: Request) -> Response:
        tenant = request.path_params["tenant"]
        self.said[tenant] = await request.json()
        return self._shown(tenant)

    async def _reset(self, request: Request) -> Response:
        self.said.pop(request.path_params["tenant"], None)
        return Response(status_code=204)
