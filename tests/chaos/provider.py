"""A provider of pictures whose answers are lost now and then, and somebody who then looks there.

Jobs whose order may have been taken are in doubt until that person has decided: by what the
provider's own list says, as [the guide](../../docs/guides/reconciliation.md) has it.
"""

import asyncio
import itertools
import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import httpx

from tests.chaos.orders import Json
from tests.simulators import OpenAiSimulator
from tests.simulators.faults import (
    Fault,
    answers,
    cut_after,
    cut_before,
    cut_in_the_middle,
    fine,
    slow,
)

_LOOKS_EVERY = 0.5
_PLANNED = 5_000
_GIVES_UP = 0.3
_MOODS: dict[Fault, int] = {
    fine: 50,
    slow(1.0): 15,
    cut_after: 15,
    cut_before: 8,
    cut_in_the_middle: 8,
    answers(503): 4,
}


class Provider:
    """Answers with addresses of pictures; runs while it is entered."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(f"provider-{seed}")
        self.server = OpenAiSimulator(answers_urls=True)
        moods = chance.choices(list(_MOODS), weights=list(_MOODS.values()), k=_PLANNED)
        self.server.faults.plan("images", *moods)

    @property
    def settings(self) -> dict[str, str]:
        """What the services are told, to use it."""
        backend: Json = {
            "name": "painter",
            "base_url": f"{self.server.url}/v1",
            "api_key": self.server.key,
            "timeout_seconds": 5,
            "breaker_failures": 100,
            "price_per_image": 0,
            "allow_private": True,
        }
        return {"DARKROOM_OPENAI_IMAGES_BACKENDS": json.dumps([backend])}

    @property
    def taken(self) -> Counter[str]:
        """Orders that were carried out, by what was asked for: the names of our orders."""
        return Counter(str(request["prompt"]) for request in list(self.server.requests))

    def find(self, order: str) -> str | None:
        """Where the picture lies that was made for this order."""
        for place, request in enumerate(list(self.server.requests)):
            if request["prompt"] == order:
                return f"{self.server.url}/files/{place}"
        return None


class Decider:
    """Looks at jobs in doubt until it is stopped, and decides about each by what it finds."""

    def __init__(self, apis: Sequence[str], provider: Provider, seed: int) -> None:
        self._apis = itertools.cycle(apis)
        self._provider = provider
        self._seed = seed
        self._http = httpx.AsyncClient(timeout=10)
        self._task: asyncio.Task[None] | None = None
        self.decisions: defaultdict[str, list[str]] = defaultdict(list)
        """By order: what was decided, and taken note of."""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="deciding")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._http.aclose()

    async def _run(self) -> None:
        while True:
            with suppress(httpx.HTTPError):  # it is away; later
                await self._look()
            await asyncio.sleep(_LOOKS_EVERY)

    async def _look(self) -> None:
        url = f"{next(self._apis)}/v1/media"
        told = await self._http.get(url, params={"status": "needs_reconciliation", "limit": 100})
        for job in told.raise_for_status().json()["items"]:
            if job["reconciliation"]["resolution"] is None:
                await self._decide(job)

    async def _decide(self, job: dict[str, Any]) -> None:
        order, attempt = job["metadata"]["order"], job["reconciliation"]["attempt"]
        chance = random.Random(f"{self._seed}-{order}-{attempt}")
        decision: Json = {"resolution": "resubmit"}
        if place := self._provider.find(order):
            decision = {"resolution": "attach", "provider_job_id": place}
        if chance.random() < _GIVES_UP:
            decision = {"resolution": "fail", "reason": "Nobody wants it any more."}
        url = f"{next(self._apis)}/v1/media/{job['id']}/reconcile"
        answer = await self._http.post(url, json=decision)
        if answer.status_code == 202:
            self.decisions[order].append(str(decision["resolution"]))
