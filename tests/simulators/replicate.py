"""Replicate. Source: its HTTP API reference (predictions, files)."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.simulators.forms import parts_of
from tests.simulators.pictures import png_of
from tests.simulators.server import Simulator

PRICE = 0.01


class ReplicateSimulator(Simulator):
    """Predictions that are done after some looks.

    Doors: `submit`, `poll`, `list`, `cancel`, `upload`, `download`.
    """

    def __init__(self, *, looks: int = 2) -> None:
        super().__init__()
        self.looks = looks
        """At a prediction until it is done; more than there will be: never."""
        self.predictions: dict[str, dict[str, Any]] = {}
        self.requests: list[dict[str, Any]] = []
        self.canceled: list[str] = []
        self.lingering = 0
        """How often a canceled prediction still looks as if it went on."""
        self.uploads: list[bytes] = []
        self.hooked: list[str] = []
        self.ending = "succeeded"
        self.error: str | None = None
        self.output: Any = None
        self.lag = 0
        """Lists that a new prediction is not on yet."""
        self.page = 100
        self.data_removed = False
        self.logs: tuple[str, ...] = (
            "",
            "Using seed: 7\n 10%|#   |",
            " 10%|#   |\n 55%|##  |",
            "100%|####|",
        )
        self._looked: dict[str, int] = {}
        self._numbers = itertools.count(1)

    @property
    def submissions(self) -> int:
        """Orders that were taken."""
        return len(self.predictions)

    @property
    def charged(self) -> float:
        """USD."""
        return self.submissions * PRICE

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/v1/models/{owner}/{name}/predictions", self._submit, methods=["POST"]),
            Route("/v1/predictions", self._submit, methods=["POST"]),
            Route("/v1/predictions", self._list, methods=["GET"]),
            Route("/v1/predictions/{id}", self._poll, methods=["GET"]),
            Route("/v1/predictions/{id}/cancel", self._cancel, methods=["POST"]),
            Route("/v1/files", self._upload, methods=["POST"]),
            Route("/files/{id}/{number}", self._download, methods=["GET"]),
            Route("/hook", self._hook, methods=["POST"]),
        ]

    async def _submit(self, request: Request) -> Response:
        async def do() -> Response:
            body = await request.json()
            self.requests.append({"path": request.url.path, "headers": request.headers, **body})
            if not body["input"].get("prompt"):
                detail = "- input: prompt is required\n"
                return JSONResponse({"detail": detail, "title": "Input validation failed"}, 422)
            made = self._made(body, request.path_params)
            return JSONResponse(made, 201)

        return await self._pass("submit", request, do)

    def _made(self, body: dict[str, Any], path: dict[str, str]) -> dict[str, Any]:
        name = f"p{next(self._numbers):06d}"
        model = f"{path['owner']}/{path['name']}" if path else "somebody/else"
        self.predictions[name] = {
            "id": name,
            "model": model,
            "version": body.get("version", "hidden"),
            "input": body["input"],
            "webhook": body.get("webhook"),
            "status": "starting",
            "created_at": datetime.now(UTC).isoformat(),
            "data_removed": False,
            "error": None,
            "logs": "",
            "output": None,
            "urls": {
                "get": f"{self.url}/v1/predictions/{name}",
                "cancel": f"{self.url}/v1/predictions/{name}/cancel",
            },
        }
        return self.predictions[name]

    async def _poll(self, request: Request) -> Response:
        async def do() -> Response:
            prediction = self.predictions.get(request.path_params["id"])
            if prediction is None:
                detail = "The requested resource could not be found."
                return JSONResponse({"detail": detail, "status": 404}, 404)
            await self._move(prediction)
            return JSONResponse(prediction)

        return await self._pass("poll", request, do)

    async def _move(self, prediction: dict[str, Any]) -> None:
        if prediction["status"] not in {"starting", "processing"}:
            return
        name = prediction["id"]
        looked = self._looked[name] = self._looked.get(name, 0) + 1
        prediction["status"] = "processing"
        prediction["logs"] = self.logs[min(looked, len(self.logs) - 1)]
        if looked >= self.looks:
            await self._end(prediction, self.ending)

    async def _end(self, prediction: dict[str, Any], status: str) -> None:
        name, wanted = prediction["id"], prediction["input"].get("num_outputs", 1)
        output = [f"{self.url}/files/{name}/{number}.png" for number in range(wanted)]
        prediction |= {
            "status": status,
            "error": self.error,
            "metrics": {"predict_time": 1.5},
            "output": (self.output or output) if status == "succeeded" else None,
        }
        if prediction["webhook"]:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.post(prediction["webhook"], json=prediction)

    async def _list(self, request: Request) -> Response:
        async def do() -> Response:
            start = int(request.query_params.get("cursor", 0))
            newest = list(reversed(self.predictions.values()))
            if self.lag > 0:
                self.lag -= 1
                newest = newest[1:]
            shown = newest[start : start + self.page]
            more = start + self.page < len(newest)
            following = f"{self.url}/v1/predictions?cursor={start + self.page}" if more else None
            results = [self._listed(one) for one in shown]
            return JSONResponse({"next": following, "previous": None, "results": results})

        return await self._pass("list", request, do)

    def _listed(self, prediction: dict[str, Any]) -> dict[str, Any]:
        if not self.data_removed:
            return prediction
        return prediction | {"input": {}, "output": None, "logs": None, "data_removed": True}

    async def _cancel(self, request: Request) -> Response:
        async def do() -> Response:
            prediction = self.predictions[request.path_params["id"]]
            self.canceled.append(prediction["id"])
            if prediction["status"] in {"starting", "processing"}:
                if self.lingering:
                    self._looked[prediction["id"]] = self.looks - self.lingering
                    self.ending = "canceled"
                else:
                    prediction |= {"status": "canceled", "metrics": {"predict_time": 1.5}}
            return JSONResponse(prediction)

        return await self._pass("cancel", request, do)

    async def _upload(self, request: Request) -> Response:
        async def do() -> Response:
            [part] = await parts_of(request)
            self.uploads.append(part.content)
            url = f"{self.url}/v1/files/{len(self.uploads)}"
            return JSONResponse({"id": str(len(self.uploads)), "urls": {"get": url}}, 201)

        return await self._pass("upload", request, do)

    async def _download(self, request: Request) -> Response:
        async def do() -> Response:
            prediction = self.predictions[request.path_params["id"]]
            wish = prediction["input"]
            picture = png_of(wish.get("prompt"), wish.get("seed"), request.path_params["number"])
            return Response(picture, media_type="image/png")

        return await self.faults.pass_through("download", request, do)

    async def _hook(self, request: Request) -> Response:
        self.hooked.append(f"{request.query_params['job']} {(await request.json())['status']}")
        return Response(status_code=204)

    async def _pass(self, door: str, request: Request, do: Any) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            detail = "You did not pass a valid authentication token"
            return JSONResponse({"title": "Unauthenticated", "detail": detail}, 401)
        return await self.faults.pass_through(door, request, do)
