"""What the API in memory says of keys; once it is `guarded` it wants one from everybody."""

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.unit.client.fake_problem import problem

NOW = "2026-11-22T20:00:00.000000Z"
OPERATOR = "dk_operator_0123456789abcdef0123456789abcdef"


@dataclass
class FakeKeys:
    """Keys by id. Look at `said` for what calls were made with."""

    guarded: bool = False
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Ids by what is said."""
    said: list[dict[str, str]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/v1/keys", self._create, methods=["POST"]),
            Route("/v1/keys", self._list),
            Route("/v1/keys/{id:path}", self._get),
            Route("/v1/keys/{id:path}", self._revoke, methods=["DELETE"]),
        ]

    def guard(self, app: ASGIApp) -> ASGIApp:
        """The app, which asks everybody for a key."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            headers = Request(scope).headers
            self.said.append(dict(headers))
            refusal = self._refusal(headers.get("authorization", "")) if self.guarded else None
            await (refusal or app)(scope, receive, send)

        return guarded

    def _refusal(self, said: str) -> Response | None:
        key = said.removeprefix("Bearer ")
        if key == OPERATOR:
            return None
        held = self.known.get(self.secrets.get(key, ""))
        if held is None or held["revoked_at"]:
            detail = "There is no such key." if key else "Send a key: Authorization: Bearer dk_…"
            return problem(401, "unauthenticated", detail)
        if "media:read" not in held["scopes"]:
            return problem(403, "scope_missing", "This needs the scope media:read.")
        return None

    async def _create(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        key_id = f"k{len(self.known) + 1}"
        made = {
            "id": key_id,
            "name": body["name"],
            "tenant": body.get("tenant", "default"),
            "scopes": body["scopes"],
            "created_at": NOW,
            "expires_at": NOW if "expires_in" in body else None,
            "last_used_at": None,
            "revoked_at": None,
            "broker_user": body.get("broker_user"),
        }
        self.known[key_id] = made
        if made["broker_user"]:
            return JSONResponse(made, 201)
        secret = f"dk_{key_id}_0123456789abcdef"
        self.secrets[secret] = key_id
        return JSONResponse({**made, "key": secret}, 201)

    async def _list(self, request: Request) -> Response:
        wanted = request.query_params.get("tenant")
        limit = int(request.query_params.get("limit", 50))
        keys = [one for one in self.known.values() if wanted in (None, one["tenant"])]
        cursor = "more" if len(keys) > limit else None
        return JSONResponse({"items": keys[::-1][:limit], "next_cursor": cursor})

    async def _get(self, request: Request) -> Response:
        found = self.known.get(request.path_params["id"])
        if found is None:
            return problem(404, "not_found", f"There is no key {request.path_params['id']}.")
        return JSONResponse(found)

    async def _revoke(self, request: Request) -> Response:
        found = self.known.get(request.path_params["id"])
        if found is None:
            return problem(404, "not_found", f"There is no key {request.path_params['id']}.")
        found["revoked_at"] = found["revoked_at"] or NOW
        return Response(status_code=204)
