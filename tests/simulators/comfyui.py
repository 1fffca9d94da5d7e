"""ComfyUI. Source: the routes of its server.py."""

import itertools
import uuid
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.simulators.forms import parts_of
from tests.simulators.pictures import png_of
from tests.simulators.server import Simulator


class ComfyUiSimulator(Simulator):
    """A queue that moves when it is looked at.

    Doors: `submit`, `queue`, `history`, `upload`, `interrupt`, `delete`, `download`.
    """

    def __init__(self, *, looks: int = 2, chooses_ids: bool = False) -> None:
        super().__init__()
        self.looks = looks
        """At the history until a prompt is done."""
        self.chooses_ids = chooses_ids
        """Old servers do not let the client choose."""
        self.prompts: list[dict[str, Any]] = []
        self.queue: list[list[Any]] = []
        self.history: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, bytes] = {}
        self.interrupted: list[str] = []
        self.deleted: list[str] = []
        self.fails_with: str | None = None
        self._looked = 0
        self._numbers = itertools.count(1)

    @property
    def submissions(self) -> int:
        """Prompts that were taken."""
        return len(self.prompts)

    def restart(self) -> None:
        """Forgets everything, as the real one does."""
        self.queue.clear()
        self.history.clear()

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/prompt", self._submit, methods=["POST"]),
            Route("/queue", self._show_queue, methods=["GET"]),
            Route("/queue", self._delete, methods=["POST"]),
            Route("/history", self._show_history, methods=["GET"]),
            Route("/history/{id}", self._show_history, methods=["GET"]),
            Route("/interrupt", self._interrupt, methods=["POST"]),
            Route("/upload/image", self._upload, methods=["POST"]),
            Route("/view", self._download, methods=["GET"]),
        ]

    async def _submit(self, request: Request) -> Response:
        async def do() -> Response:
            body = await request.json()
            self.prompts.append(body)
            if not body["prompt"]:
                error = {"type": "prompt_no_outputs", "message": "Prompt has no outputs"}
                return JSONResponse({"error": error, "node_errors": {}}, 400)
            mine = str(uuid.uuid4())
            name = mine if self.chooses_ids else body.get("prompt_id", mine)
            number = next(self._numbers)
            self.queue.append([number, name, body["prompt"], body.get("extra_data", {}), []])
            return JSONResponse({"prompt_id": name, "number": number, "node_errors": {}})

        return await self.faults.pass_through("submit", request, do)

    async def _show_queue(self, request: Request) -> Response:
        async def do() -> Response:
            shown = {"queue_running": self.queue[:1], "queue_pending": self.queue[1:]}
            return JSONResponse(shown)

        return await self.faults.pass_through("queue", request, do)

    async def _show_history(self, request: Request) -> Response:
        async def do() -> Response:
            self._move()
            name = request.path_params.get("id")
            shown = {key: one for key, one in self.history.items() if name in {None, key}}
            return JSONResponse(shown)

        return await self.faults.pass_through("history", request, do)

    def _move(self) -> None:
        self._looked += 1
        if self._looked < self.looks or not self.queue:
            return
        self._looked = 0
        entry = self.queue.pop(0)
        failed = self.fails_with is not None
        ending = "execution_error" if failed else "execution_success"
        last = {"exception_message": self.fails_with, "node_type": "KSampler"}
        self.history[entry[1]] = {
            "prompt": entry,
            "outputs": {} if failed else self._outputs(entry),
            "status": {
                "status_str": "error" if failed else "success",
                "completed": not failed,
                "messages": [
                    ["execution_start", {"prompt_id": entry[1], "timestamp": 1_000}],
                    [ending, {**last, "prompt_id": entry[1], "timestamp": 5_000}],
                ],
            },
        }

    def _outputs(self, entry: list[Any]) -> dict[str, Any]:
        stamp = next(self._numbers)
        image = {"filename": f"out_{stamp}.png", "subfolder": "a b", "type": "output"}
        preview = {"filename": f"tmp_{stamp}.png", "subfolder": "", "type": "temp"}
        self.uploads[image["filename"]] = png_of(entry[2])
        return {"9": {"images": [image]}, "12": {"images": [preview]}}

    async def _interrupt(self, request: Request) -> Response:
        async def do() -> Response:
            self.interrupted.append((await request.json())["prompt_id"])
            return Response()

        return await self.faults.pass_through("interrupt", request, do)

    async def _delete(self, request: Request) -> Response:
        async def do() -> Response:
            self.deleted += (await request.json())["delete"]
            self.queue = [entry for entry in self.queue if entry[1] not in self.deleted]
            return Response()

        return await self.faults.pass_through("delete", request, do)

    async def _upload(self, request: Request) -> Response:
        async def do() -> Response:
            file = next(part for part in await parts_of(request) if part.filename)
            self.uploads[str(file.filename)] = file.content
            return JSONResponse({"name": file.filename, "subfolder": "", "type": "input"})

        return await self.faults.pass_through("upload", request, do)

    async def _download(self, request: Request) -> Response:
        async def do() -> Response:
            picture = self.uploads[request.query_params["filename"]]
            return Response(picture, media_type="image/png")

        return await self.faults.pass_through("download", request, do)
