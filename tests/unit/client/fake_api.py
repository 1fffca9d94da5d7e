"""An API in memory that answers like Darkroom's: for tests of its client and of the command line.

A job moves on by one step of its `course` each time somebody asks for it.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.unit.client.fake_dead_letters import FakeDeadLetters
from tests.unit.client.fake_keys import FakeKeys
from tests.unit.client.fake_limits import FakeLimits
from tests.unit.client.fake_money import FakeMoney
from tests.unit.client.fake_problem import problem

NOW = "2026-11-22T20:00:00.000000Z"
CONTENT = b"\x89PNG a picture"
CARD = {
    "name": "card",
    "version": "1.0.0",
    "description": "Social cards.",
    "input_schema": {
        "type": "object",
        "required": ["title"],
        "additionalProperties": False,
        "properties": {
            "title": {"type": "string", "maxLength": 140, "description": "The headline."},
            "width": {"type": "integer", "default": 1200, "minimum": 300, "maximum": 2048},
            "theme": {"enum": ["ink", "paper"], "default": "ink", "description": "The look."},
            "seed": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
            "scale": {"type": "number"},
            "grain": {"type": "boolean", "default": True},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    },
    "media_types": ["image/png"],
    "example": {"title": "Hello", "theme": "ink"},
}


@dataclass
class FakeApi:
    """Set what it shall do, use `transport`, look at what it was sent."""

    course: Sequence[str] = ("queued", "running", "ready")
    content: bytes = CONTENT
    announced: tuple[dict[str, Any], ...] = (CARD,)
    deaf: bool = False
    """Whether no generator process hears that it is to pause or to go on."""
    dead: FakeDeadLetters = field(default_factory=FakeDeadLetters)
    access: FakeKeys = field(default_factory=FakeKeys)
    limits: FakeLimits = field(default_factory=FakeLimits)
    refusals: list[JSONResponse] = field(default_factory=list)
    """Answers given before any other, one a call."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Name and content, by id."""
    deleted: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    """What was asked of the list."""
    streams: list[str] = field(default_factory=list)
    """What is told to those who listen, one a call; afterwards everything was told."""
    calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.money = FakeMoney(self.jobs)

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """For a client that shall talk to this API and nobody else."""
        routes = [
            Route("/v1/media", self._post, methods=["POST"]),
            Route("/v1/media", self._list),
            Route("/v1/media/batch", self._batch, methods=["POST"]),
            Route("/v1/events", self._listen),
            Route("/v1/media/{id}/events", self._listen),
            Route("/v1/media/{id}", self._get, methods=["GET"]),
            Route("/v1/media/{id}", self._delete, methods=["DELETE"]),
            Route("/v1/store/collect", self._collect, methods=["POST"]),
            Route("/v1/media/{id}/content", self._content),
            Route("/v1/media/{id}/cancel", self._cancel, methods=["POST"]),
            Route("/v1/media/{id}/retry", self._retry, methods=["POST"]),
            Route("/v1/generators", self._generators),
            Route("/v1/generators/{action:str}", self._control_all, methods=["POST"]),
            Route("/v1/generators/{name}", self._generator),
            Route("/v1/generators/{name}/{action}", self._control, methods=["POST"]),
            Route("/v1/uploads", self._upload, methods=["POST"]),
            Route("/v1/uploads", self._list_uploads),
            Route("/v1/uploads/{id}", self._delete_upload, methods=["DELETE"]),
            *self.dead.routes,
            *self.money.routes,
            *self.access.routes,
            *self.limits.routes,
        ]
        return httpx.ASGITransport(self.access.guard(Starlette(routes=routes)))

    def a_job(self, body: dict[str, Any], status: str = "queued") -> dict[str, Any]:
        """A job as the API shows it."""
        job_id = str(uuid.uuid4())
        job = {
            "id": job_id,
            "status": status,
            "tenant": "default",
            "generator": body["generator"],
            "priority": body.get("priority", "interactive"),
            "progress": None,
            "attempts": [],
            "assets": [],
            "error": None,
            "metadata": body.get("metadata", {}),
            "input": body.get("input", {}),
            "created_at": NOW,
            "started_at": None,
            "finished_at": None,
            "updated_at": NOW,
            "urls": {"self": f"/v1/media/{job_id}", "content": f"/v1/media/{job_id}/content"},
        }
        self.jobs[job_id] = job
        return job

    def _refused(self, call: str) -> JSONResponse | None:
        self.calls[call] += 1
        return self.refusals.pop(0) if self.refusals else None

    async def _listen(self, request: Request) -> Response:
        self.queries.append(str(request.query_params))
        if not self.streams:
            return Response(status_code=204)
        return Response(self.streams.pop(0), media_type="text/event-stream")

    async def _post(self, request: Request) -> Response:
        if refusal := self._refused("post"):
            return refusal
        body = await request.json()
        self.requests.append(body)
        self.keys.append(request.headers["Idempotency-Key"])
        job = self.a_job(body)
        if "Prefer" in request.headers:
            self._move(job, self.course[-1])
        return JSONResponse(job, 202)

    async def _batch(self, request: Request) -> Response:
        answers: list[dict[str, Any]] = []
        for body in (await request.json())["requests"]:
            if body["generator"] == "card":
                answers.append({"status": 202, "job": self.a_job(body)})
            else:
                refusal = {"title": "Unknown", "status": 422, "code": "unknown_generator"}
                answers.append({"status": 422, "problem": refusal})
        return JSONResponse({"answers": answers})

    async def _get(self, request: Request) -> Response:
        if refusal := self._refused("get"):
            return refusal
        if request.path_params["id"] in self.deleted:
            return problem(410, "gone", "it was deleted: somebody asked for it")
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            return problem(404, "not_found", "there is no such job")
        shown = dict(job)
        later = list(self.course)[list(self.course).index(job["status"]) + 1 :]
        if later:
            self._move(job, later[0])
        return JSONResponse(shown)

    async def _cancel(self, request: Request) -> Response:
        job = self.jobs[request.path_params["id"]]
        if job["status"] == self.course[-1]:
            return problem(409, "already_final", "it has come to its end")
        job["status"] = "canceling"
        return JSONResponse(job, 202)

    async def _delete(self, request: Request) -> Response:
        job_id = request.path_params["id"]
        if job_id in self.deleted:
            return Response(status_code=204)
        if self.jobs[job_id]["status"] not in {"ready", "failed", "canceled", "expired"}:
            return problem(409, "still_running", "it has not come to its end")
        del self.jobs[job_id]
        self.deleted.append(job_id)
        return Response(status_code=204)

    async def _collect(self, request: Request) -> Response:
        sizes = {"kept": (3, 3_000_000), "young": (1, 10), "garbage": (2, 2048)}
        found = {f"{state}_objects": count for state, (count, _) in sizes.items()}
        found |= {f"{state}_bytes": size for state, (_, size) in sizes.items()}
        dry_run = request.query_params["dry_run"] == "true"
        return JSONResponse({**found, "dry_run": dry_run, "before": NOW})

    async def _retry(self, request: Request) -> Response:
        if refusal := self._refused("retry"):
            return refusal
        self.keys.append(request.headers["Idempotency-Key"])
        former = self.jobs[request.path_params["id"]]
        if former["status"] == "ready":
            return problem(409, "already_ready", "it is ready: there is nothing to repeat")
        return JSONResponse({**self.a_job(former), "retried_from": former["id"]}, 202)

    async def _list(self, request: Request) -> Response:
        self.queries.append(request.url.query)
        wanted = request.query_params.get("status")
        jobs = [job for job in self.jobs.values() if wanted in (None, job["status"])]
        limit = int(request.query_params.get("limit", 20))
        cursor = "more" if len(jobs) > limit else None
        return JSONResponse({"items": jobs[::-1][:limit], "next_cursor": cursor})

    async def _content(self, request: Request) -> Response:
        if refusal := self._refused("content"):
            return refusal
        return Response(self.content, media_type="image/png")

    async def _upload(self, request: Request) -> Response:
        if refusal := self._refused("upload"):
            return refusal
        self.keys.append(request.headers["Idempotency-Key"])
        content, upload_id = await request.body(), str(uuid.uuid4())
        assert len(content) == int(request.headers["Content-Length"])
        self.uploads[upload_id] = (request.query_params["filename"], content)
        return JSONResponse(self._shown(upload_id), 201)

    async def _list_uploads(self, _: Request) -> Response:
        return JSONResponse({"items": [self._shown(one) for one in self.uploads]})

    async def _delete_upload(self, request: Request) -> Response:
        if self.uploads.pop(request.path_params["id"], None) is None:
            return problem(404, "not_found", "there is no such upload")
        return Response(status_code=204)

    def _shown(self, upload_id: str) -> dict[str, Any]:
        filename, content = self.uploads[upload_id]
        return {
            "id": upload_id,
            "sha256": hashlib.sha256(content).hexdigest(),
            "media_type": "image/png",
            "size": len(content),
            "width": 1200,
            "height": 630,
            "filename": filename,
        }

    async def _generators(self, request: Request) -> Response:
        return JSONResponse({"items": list(self.announced)})

    async def _generator(self, request: Request) -> Response:
        name = request.path_params["name"]
        for generator in self.announced:
            if generator["name"] == name:
                return JSONResponse(generator)
        return problem(404, "generator_not_found", f"there is no generator {name!r}")

    async def _control(self, request: Request) -> Response:
        name, action = request.path_params["name"], request.path_params["action"]
        if name not in [generator["name"] for generator in self.announced]:
            return problem(404, "not_found", f"There is no generator {name}.")
        return self._set_paused([name], action, name)

    async def _control_all(self, request: Request) -> Response:
        names = [one["name"] for one in self.announced if one.get("available", True)]
        return self._set_paused(names, request.path_params["action"], None)

    def _set_paused(self, names: list[str], action: str, told: str | None) -> Response:
        if not self.deaf:
            self.announced = tuple(
                one | ({"paused": action == "pause"} if one["name"] in names else {})
                for one in self.announced
            )
        return JSONResponse({"generator": told, "action": action, "requested_at": NOW}, 202)

    def _move(self, job: dict[str, Any], status: str) -> None:
        job["status"] = status
        if status == "running":
            job["progress"] = {"percent": 40, "message": "drawing"}
        if status == "ready":
            job["assets"] = [self._asset(job["id"])]
            job["finished_at"] = NOW
        if status == "failed":
            job["error"] = {"code": "invalid_input", "message": "no font can draw this title"}
            job["finished_at"] = NOW

    @staticmethod
    def _asset(job_id: str) -> dict[str, Any]:
        return {
            "sha256": hashlib.sha256(CONTENT).hexdigest(),
            "media_type": "image/png",
            "size": len(CONTENT),
            "width": 1200,
            "height": 630,
            "role": "primary",
            "filename": "card.png",
            "url": f"/v1/media/{job_id}/content",
        }
