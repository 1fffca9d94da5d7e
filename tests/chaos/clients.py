"""People who order over HTTP, as a correct client does: the same key until there is an answer.

Which api they ask changes with every try, so that they notice what one of them does not know yet.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from tests.chaos.orders import Json, Order
from tests.chaos.promises import Ledger, Promise

PATIENCE = 240.0
"""Seconds after which a client gives up; what it asked for is then nobody's promise."""
AT_ONCE = 32
"""Requests on their way, of all clients together: thousands that knock while nobody answers would
keep this one process, which also is the network, from everything else."""
_ANSWERS_WITHIN = 10.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 3.0


class HttpClients:
    """All HTTP orders of a run; `now` is the time since the load began."""

    def __init__(self, apis: Sequence[str], ledger: Ledger, now: Callable[[], float]) -> None:
        self._ledger = ledger
        self._now = now
        self._http = httpx.AsyncClient(timeout=_ANSWERS_WITHIN)
        self._turn_to_ask = asyncio.Semaphore(AT_ONCE)
        self._turns = itertools.cycle(apis)
        self.on_accepted: Callable[[Promise, str], None] = lambda _promise, _job_id: None
        self.refusals: list[tuple[float, str]] = []
        """When a try brought no answer that helps, and why."""

    async def close(self) -> None:
        await self._http.aclose()

    async def order(self, order: Order) -> Promise:
        """One order; the same twice at once if that is its kind."""
        promise = self._ledger.of(order)
        tries = [self._order(promise) for _ in range(1 + order.twice)]
        await asyncio.gather(*tries)
        return promise

    async def order_many(self, orders: Sequence[Order]) -> None:
        """A batch of orders under one key."""
        promises = [self._ledger.of(order) for order in orders]
        await asyncio.gather(*(self._batch(promises) for _ in range(1 + orders[0].twice)))

    async def cancel(self, promise: Promise, job_id: str) -> None:
        """Say that it is no longer wanted, until somebody has heard it."""
        answer = await self._until_answered(f"/v1/media/{job_id}/cancel", None, "")
        status = "no answer" if answer is None else str(answer.status_code)
        promise.cancel_answers[status] += 1

    async def look(self, job_id: str) -> str | None:
        """The status that somebody is told who asks now; None: no answer."""
        try:
            answer = await self._http.get(f"{next(self._turns)}/v1/media/{job_id}")
        except httpx.HTTPError:
            return None
        return str(answer.json()["status"]) if answer.status_code == 200 else None

    async def _order(self, promise: Promise) -> None:
        order = promise.order
        answer = await self._until_answered("/v1/media", order.spec, order.key, promise)
        if answer is None:
            return
        if answer.is_success:
            self._accept(promise, answer.json())
            promise.replayed += answer.headers.get("idempotency-replayed") == "true"

    async def _batch(self, promises: Sequence[Promise]) -> None:
        """Repeated as a whole, under its key, until every entry has an answer."""
        body = {"requests": [promise.order.spec for promise in promises]}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            key = promises[0].order.group
            answer = await self._until_answered("/v1/media/batch", body, key, *promises)
            if answer is None:
                return
            entries = answer.json()["answers"]
            for promise, entry in zip(promises, entries, strict=True):
                if entry["status"] == 202:
                    self._accept(promise, entry["job"])
            if all(entry["status"] == 202 for entry in entries):
                return
            await asyncio.sleep(_LONGEST_PAUSE)

    def _accept(self, promise: Promise, job: Json) -> None:
        promise.accept(self._now(), str(job["id"]))
        self.on_accepted(promise, str(job["id"]))

    async def _until_answered(
        self, path: str, body: Any, key: str, *promises: Promise
    ) -> httpx.Response | None:
        """The first answer that is not "later, please"; None: patience was at its end."""
        deadline, pause = time.monotonic() + PATIENCE, _FIRST_PAUSE
        headers = {"Idempotency-Key": key} if key else {}
        while time.monotonic() < deadline:
            for promise in promises:
                promise.sending(self._now())
            answer, said = await self._try(f"{next(self._turns)}{path}", body, headers)
            for promise in promises:
                promise.answers[said] += 1
            if answer is not None:
                return answer
            self.refusals.append((self._now(), said))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        return None

    async def _try(
        self, url: str, body: Any, headers: dict[str, str]
    ) -> tuple[httpx.Response | None, str]:
        try:
            async with self._turn_to_ask:
                answer = await self._http.post(url, json=body, headers=headers)
        except httpx.HTTPError as error:
            return None, type(error).__name__
        said = str(answer.status_code)
        if answer.status_code >= 500 or answer.status_code == 429 or _in_flight(answer):
            return None, said
        return answer, said


def _in_flight(answer: httpx.Response) -> bool:
    """Somebody else is just accepting the same key: ask again."""
    return answer.status_code == 409 and answer.json().get("code") == "idempotency_key_in_flight"
