"""OpenAI's images and speech, or a server compatible with it. Source: its API reference."""

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.simulators.forms import parts_of
from tests.simulators.pictures import png_of, wav_of
from tests.simulators.server import Simulator

PRICE = 0.04


class OpenAiSimulator(Simulator):
    """Makes what is asked for while one waits. Doors: `images`, `edits`, `speech`, `download`."""

    def __init__(self, *, answers_urls: bool = False, honours_keys: bool = False) -> None:
        super().__init__()
        self.answers_urls = answers_urls
        self.honours_keys = honours_keys
        """Whether the same Idempotency-Key is answered with the same again."""
        self.requests: list[dict[str, Any]] = []
        self.charged = 0.0
        """USD."""
        self._by_key: dict[str, dict[str, Any]] = {}
        self._files: list[bytes] = []

    @property
    def submissions(self) -> int:
        """Requests that were carried out, and cost."""
        return len(self.requests)

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/v1/images/generations", self._images, methods=["POST"]),
            Route("/v1/images/edits", self._edits, methods=["POST"]),
            Route("/v1/audio/speech", self._speech, methods=["POST"]),
            Route("/files/{number}", self._download, methods=["GET"]),
        ]

    async def _images(self, request: Request) -> Response:
        async def do() -> Response:
            return self._pictured(request, await request.json())

        return await self._pass("images", request, do)

    async def _edits(self, request: Request) -> Response:
        async def do() -> Response:
            parts = await parts_of(request)
            wish: dict[str, Any] = {part.name: part.text for part in parts if not part.filename}
            files = {part.name: part.content for part in parts if part.filename}
            numbers = {key: int(wish[key]) for key in ("n", "partial_images") if key in wish}
            wish |= numbers | {"stream": wish.get("stream") == "true"}
            return self._pictured(request, wish | {"files": files})

        return await self._pass("edits", request, do)

    def _pictured(self, request: Request, wish: dict[str, Any]) -> Response:
        if "forbidden" in wish["prompt"]:
            return _refusal(
                400, "moderation_blocked", "Your request was rejected by the safety system."
            )
        key = request.headers.get("idempotency-key", "")
        known = self._by_key.get(key) if self.honours_keys else None
        answer = known or self._made(request, wish)
        self._by_key[key] = answer
        if wish.get("stream"):
            return Response(b"".join(_events(answer, wish)), media_type="text/event-stream")
        return JSONResponse(answer)

    def _made(self, request: Request, wish: dict[str, Any]) -> dict[str, Any]:
        self.requests.append({"path": request.url.path, "headers": request.headers, **wish})
        count = wish.get("n", 1)
        self.charged += PRICE * count
        pictures = [png_of(wish["prompt"], wish.get("size"), number) for number in range(count)]
        usage = {
            "input_tokens": 20,
            "output_tokens": 1000 * count,
            "total_tokens": 20 + 1000 * count,
        }
        return {"created": 1, "data": list(map(self._shown, pictures)), "usage": usage}

    def _shown(self, picture: bytes) -> dict[str, str]:
        if not self.answers_urls:
            return {"b64_json": base64.b64encode(picture).decode()}
        self._files.append(picture)
        return {"url": f"{self.url}/files/{len(self._files) - 1}"}

    async def _speech(self, request: Request) -> Response:
        async def do() -> Response:
            wish = await request.json()
            self.requests.append({"path": request.url.path, "headers": request.headers, **wish})
            self.charged += PRICE
            return Response(wav_of(wish["input"]), media_type="audio/wav")

        return await self._pass("speech", request, do)

    async def _download(self, request: Request) -> Response:
        async def do() -> Response:
            return Response(self._files[request.path_params["number"]], media_type="image/png")

        request.path_params["number"] = int(request.path_params["number"])
        return await self.faults.pass_through("download", request, do)

    async def _pass(self, door: str, request: Request, do: Any) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _refusal(401, "invalid_api_key", "Incorrect API key provided.")
        return await self.faults.pass_through(door, request, do)


def _refusal(status: int, code: str, message: str) -> Response:
    error = {"code": code, "message": message, "type": "invalid_request_error", "param": None}
    return JSONResponse({"error": error}, status)


def _events(answer: dict[str, Any], wish: dict[str, Any]) -> Iterator[bytes]:
    for number in range(wish.get("partial_images", 0)):
        partial = {"type": "image_generation.partial_image", "partial_image_index": number}
        yield _event(partial | answer["data"][0])
    completed = {"type": "image_generation.completed", "usage": answer["usage"]}
    yield _event(completed | answer["data"][0])


def _event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()
