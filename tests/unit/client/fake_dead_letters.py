"""The dead letters of the API in memory; one that is `unreplayable` stays where it is."""

import uuid
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.unit.client.fake_problem import problem

FILTERS = ("queue", "error_class", "error_code", "type")
Letter = dict[str, Any]


def a_letter(number: int = 1, **changes: Any) -> Letter:
    """A dead letter as the API shows it."""
    return {
        "id": str(uuid.UUID(int=number)),
        "received_at": f"2026-11-22T20:00:{number % 60:02}Z",
        "queue": "api.progress",
        "error_class": "UndecodableMessageError",
        "error_code": "undecodable_message",
        "error_message": "not JSON: expected value",
        "stack": "Traceback: …",
        "type": "darkroom.media.ready.v1",
        "exchange": "media.events",
        "routing_key": "media.ready.card",
        "content_type": "application/cloudevents+json",
        "body": "rubbish [bold]",
        "replayed_at": None,
        "replays": 0,
        **changes,
    }


class FakeDeadLetters:
    """Set `letters`; look at `asked` for the bodies of what was asked for them all."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.asked: list[dict[str, Any]] = []
        self.at_once = 1000
        self.turns_until_away: int | None = None
        """After so many calls the broker is away, and for a long time."""

    @property
    def routes(self) -> list[Route]:
        path = "/v1/dead-letters"
        return [
            Route(path, self._list),
            Route(f"{path}/groups", self._groups),
            Route(f"{path}/replay", self._replay_all, methods=["POST"]),
            Route(f"{path}/purge", self._purge, methods=["POST"]),
            Route(f"{path}/{{id}}", self._one(JSONResponse)),
            Route(f"{path}/{{id}}", self._one(self._remove), methods=["DELETE"]),
            Route(f"{path}/{{id}}/replay", self._one(self._replay), methods=["POST"]),
        ]

    def waiting(self) -> list[Letter]:
        """Those that were not replayed."""
        return [letter for letter in self.letters if not letter["replays"]]

    async def _list(self, request: Request) -> Response:
        found = self._fitting(request.query_params)[::-1]
        limit = int(request.query_params.get("limit", 50))
        return JSONResponse(
            {"items": found[:limit], "next_cursor": "more" if len(found) > limit else None}
        )

    async def _groups(self, request: Request) -> Response:
        groups: dict[tuple[str, ...], list[Letter]] = {}
        names = FILTERS[:3]
        for letter in self._fitting(request.query_params):
            groups.setdefault(tuple(letter[name] for name in names), []).append(letter)
        items = [
            {
                **dict(zip(names, key, strict=True)),
                "count": len(letters),
                "first_received_at": min(letter["received_at"] for letter in letters),
                "last_received_at": max(letter["received_at"] for letter in letters),
            }
            for key, letters in groups.items()
        ]
        return JSONResponse({"items": items})

    async def _replay_all(self, request: Request) -> Response:
        if len(self.asked) == self.turns_until_away:
            away = problem(503, "broker_unavailable", "The broker is away.")
            away.headers["Retry-After"] = "3600"
            return away
        chosen = await self._chosen(request)
        failed = [letter for letter in chosen if not self._back(letter)]
        why = {"detail": "There is no queue old any more.", "status": 409, "code": "not_replayable"}
        problems = [{"id": letter["id"], "problem": why} for letter in failed]
        left = len(self._fitting(self.asked[-1]))
        replayed = len(chosen) - len(failed)
        return JSONResponse({"replayed": replayed, "failed": problems, "remaining": left})

    async def _purge(self, request: Request) -> Response:
        chosen = await self._chosen(request)
        self.letters = [letter for letter in self.letters if letter not in chosen]
        return JSONResponse(
            {"purged": len(chosen), "remaining": len(self._fitting(self.asked[-1]))}
        )

    async def _chosen(self, request: Request) -> list[Letter]:
        self.asked.append(await request.json())
        limit = min(self.asked[-1].get("limit", self.at_once), self.at_once)
        return self._fitting(self.asked[-1])[:limit]

    def _fitting(self, filters: Any) -> list[Letter]:
        wanted = {name: filters[name] for name in FILTERS if filters.get(name)}
        replayed = str(filters.get("replayed", False)).lower() == "true"
        return [
            letter
            for letter in self.letters
            if all(letter[name] == value for name, value in wanted.items())
            and bool(letter["replays"]) is replayed
        ]

    def _one(self, act: Callable[[Letter], Response]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            for letter in self.letters:
                if letter["id"] == request.path_params["id"]:
                    return act(letter)
            return problem(404, "not_found", "there is no such dead letter")

        return endpoint

    def _remove(self, letter: Letter) -> Response:
        self.letters.remove(letter)
        return Response(status_code=204)

    def _replay(self, letter: Letter) -> Response:
        return JSONResponse(letter) if self._back(letter) else self._gone()

    @staticmethod
    def _gone() -> JSONResponse:
        return problem(409, "not_replayable", "There is no queue old any more.")

    @staticmethod
    def _back(letter: Letter) -> bool:
        if letter.get("unreplayable"):
            return False
        letter |= {"replays": letter["replays"] + 1, "replayed_at": "2026-11-22T21:00:00Z"}
        return True


def letters(count: int, **changes: Any) -> list[Letter]:
    """That many of the same kind."""
    return [a_letter(number, **changes) for number in range(1, count + 1)]
