"""The api of the in-memory Darkroom: the calls of the client, with the answers of the real one.

What only operators ask for (dead letters, budgets, pausing) is not there, and answers 404.
"""

import asyncio
import re
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.errors import DarkroomError, FieldError, InvalidInputError, NotFoundError
from shared.events import RequestSpec
from shared.http import exception_handlers
from shared.problem import problem_of
from shared.testing.in_memory.job import InMemoryJob
from shared.testing.in_memory.jobs import InMemoryJobs
from shared.testing.in_memory.refusals import AlreadyReadyError, NotFinalError, NotReadyError
from shared.testing.in_memory.showing import as_accepted, job_json, page
from shared.testing.in_memory.uploads import upload_routes

_LOOK_AGAIN = 0.01
_WAIT = re.compile(r"wait=(\d+)")


def application(darkroom: InMemoryJobs) -> Starlette:
    """The whole api."""
    return Starlette(
        routes=[*_Media(darkroom).routes(), *upload_routes()],
        exception_handlers={**exception_handlers()},
    )


class _Media:
    def __init__(self, darkroom: InMemoryJobs) -> None:
        self._darkroom = darkroom

    def routes(self) -> list[Route]:
        job = "/v1/media/{id}"
        return [
            Route("/v1/media", self.post, methods=["POST"]),
            Route("/v1/media", self.list),
            Route("/v1/media/batch", self.batch, methods=["POST"]),
            Route(job, self.get),
            Route(job, self.delete, methods=["DELETE"]),
            Route(f"{job}/cancel", self.cancel, methods=["POST"]),
            Route(f"{job}/retry", self.retry, methods=["POST"]),
            Route(f"{job}/content", self.content),
            Route(f"{job}/assets/{{index:int}}", self.asset),
            Route("/v1/generators", self.generators),
            Route("/v1/generators/{name}", self.generator),
        ]

    async def post(self, request: Request) -> Response:
        spec = _spec(await request.json())
        return await self._accept(request, spec)

    async def batch(self, request: Request) -> Response:
        key = request.headers.get("idempotency-key")
        answers = [
            self._one_of_many(body, key and f"{key}:{number}")
            for number, body in enumerate((await request.json())["requests"])
        ]
        return JSONResponse({"answers": answers})

    async def get(self, request: Request) -> Response:
        job = self._job(request)
        await self._ended(job, request)
        return JSONResponse(self._shown(job))

    async def list(self, request: Request) -> Response:
        wanted = request.query_params
        jobs = [job for job in self._darkroom.jobs.values() if _fits(job, request)]
        if wanted.get("order") != "oldest":
            jobs.reverse()
        shown = [self._shown(job) for job in jobs]
        return JSONResponse(page(shown, int(wanted.get("limit", "50")), wanted.get("cursor")))

    async def cancel(self, request: Request) -> Response:
        canceled_before = self._job(request).status == "canceled"
        shown = self._shown(self._darkroom.cancel(request.path_params["id"]))
        if canceled_before:
            return JSONResponse(shown)
        going = {"status": "canceling", "finished_at": None}  # what the real one says first
        return JSONResponse({**shown, **going}, 202)

    async def retry(self, request: Request) -> Response:
        job = self._job(request)
        if not job.is_final:
            raise NotFinalError(f"The media request is {job.status}: retry it when it has ended.")
        if job.status == "ready":
            raise AlreadyReadyError
        return await self._accept(request, job.spec, retried_from=job.id)

    async def delete(self, request: Request) -> Response:
        self._darkroom.delete(request.path_params["id"])
        return Response(status_code=204)

    async def content(self, request: Request) -> Response:
        return self._file(self._job(request), 0)

    async def asset(self, request: Request) -> Response:
        return self._file(self._job(request), request.path_params["index"])

    async def generators(self, _: Request) -> Response:
        known = self._darkroom.knowledge
        return JSONResponse({"items": [known.get(name) for name in known.names()]})

    async def generator(self, request: Request) -> Response:
        return JSONResponse(self._darkroom.knowledge.get(request.path_params["name"]))

    async def _accept(
        self, request: Request, spec: RequestSpec, retried_from: UUID | None = None
    ) -> Response:
        headers, darkroom = request.headers, self._darkroom
        key, correlation = headers.get("idempotency-key"), headers.get("x-correlation-id")
        job, replayed = darkroom.accept(spec, key, correlation, retried_from)
        said = {"location": f"/v1/media/{job.id}"}
        if replayed:
            said["idempotency-replayed"] = "true"
        if "prefer" not in headers:
            return JSONResponse(as_accepted(self._shown(job)), 202, said)
        await self._ended(job, request)
        return JSONResponse(self._shown(job), 200 if job.is_final else 202, said)

    def _one_of_many(self, body: Any, key: str | None) -> dict[str, Any]:
        try:
            job, _ = self._darkroom.accept(_spec(body), key)
        except DarkroomError as error:
            return {"status": error.status, "problem": problem_of(error)}
        return {"status": 202, "job": as_accepted(self._shown(job))}

    async def _ended(self, job: InMemoryJob, request: Request) -> None:
        """Wait as long as is preferred; steps come from any thread, so they are looked for."""
        said = _WAIT.search(request.headers.get("prefer", ""))
        loop = asyncio.get_running_loop()
        until = loop.time() + (int(said[1]) if said else 0)
        while not job.is_final and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN)

    def _job(self, request: Request) -> InMemoryJob:
        return self._darkroom.get(request.path_params["id"])

    def _shown(self, job: InMemoryJob) -> dict[str, Any]:
        return job_json(job, self._darkroom.tenant)

    @staticmethod
    def _file(job: InMemoryJob, index: int) -> Response:
        if not job.is_final:
            raise NotReadyError(f"The media request is {job.status}: ask again when it is ready.")
        if index >= len(job.files):
            raise NotFoundError(f"The media request is {job.status} and has no such asset.")
        file = job.files[index]
        etag = {"etag": f'"{file.asset.sha256}"'}
        return Response(file.content, media_type=file.media_type, headers=etag)


def _spec(body: Any) -> RequestSpec:
    try:
        return RequestSpec.model_validate(body)
    except ValidationError as error:
        fields = [
            FieldError("".join(f"/{part}" for part in one["loc"]), one["msg"])
            for one in error.errors(include_url=False)
        ]
        named = "; ".join(f"{field.pointer}: {field.message}" for field in fields)
        raise InvalidInputError(named, errors=fields) from error


def _fits(job: InMemoryJob, request: Request) -> bool:
    query = request.query_params
    statuses, generators = query.getlist("status"), query.getlist("generator")
    metadata = {
        name.removeprefix("metadata."): value
        for name, value in query.items()
        if name.startswith("metadata.")
    }
    return (
        (not statuses or job.status in statuses)
        and (not generators or job.spec.generator in generators)
        and all(str(job.spec.metadata.get(name)) == value for name, value in metadata.items())
    )
