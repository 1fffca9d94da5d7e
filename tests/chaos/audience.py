"""Everybody who listens besides the observer: live events of everything and of jobs, and webhooks.

What they heard must be what the observer heard (`invariants.hearing`).
"""

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import httpx

from shared.testing.webhook_receiver import Answer, ReceivedCall, WebhookReceiver
from tests.chaos.clients import HttpClients
from tests.chaos.promises import Promise
from tests.hearing import Heard, StreamEar, Word, calls_heard

EVERYTHING = "/v1/events"
SILENCE = 5.0
"""Seconds; heartbeats come every second in these runs."""
_REFUSES = 0.1
_EVERY = 4
"""One order in so many has somebody who listens to it from the moment it was accepted."""
_ENDPOINT, _OWN = "/hooks/all", "/hooks/mine"


class MoodyReceiver(WebhookReceiver):
    """Takes most calls; one in ten is to come again."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(f"receiver-{seed}")
        self.base = self.url.rpartition("/hooks/")[0]

    @property
    def own(self) -> str:
        """The address that some orders name for themselves."""
        return self.base + _OWN

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """A 2xx, or something else."""
        if self._chance.random() < _REFUSES:
            self.fail(1, status=self._chance.choice((302, 429, 500, 503)))
        return super().take(path, headers, body)

    def at(self, path: str) -> list[ReceivedCall]:
        """The calls to that path so far."""
        return [call for call in list(self.calls) if call.path == path]


@dataclass
class Hearing:
    """What a run's listeners have heard, and how often they had to come back."""

    heard: Heard = field(default_factory=Heard)
    called_back: Sequence[Word] = ()
    """At the address that some orders name for themselves."""
    interruptions: int = 0
    """Of the stream of everything."""
    calls: int = 0
    refused_calls: int = 0
    repeated_calls: int = 0
    """Calls for what had been taken already."""


class Audience:
    """Listens from before the load until the end, at any of the apis."""

    def __init__(self, apis: Sequence[str], receiver: MoodyReceiver, clients: HttpClients) -> None:
        self._apis = itertools.cycle(apis)
        self._receiver = receiver
        limits = httpx.Limits(max_connections=None)
        self._http = httpx.AsyncClient(limits=limits, timeout=30)
        self._everything = self._ear(EVERYTHING)
        self._jobs: dict[str, StreamEar] = {}
        self._replays: dict[str, StreamEar] = {}
        clients.on_accepted = self._consider

    async def open(self) -> None:
        """Returns when all that is yet to come will be heard."""
        url = f"{next(self._apis)}/v1/webhooks/endpoints"
        made = await self._http.post(url, json={"url": self._receiver.base + _ENDPOINT})
        made.raise_for_status()
        self._everything.start()
        await self._everything.listening.wait()

    async def close(self) -> None:
        for ear in (self._everything, *self._jobs.values(), *self._replays.values()):
            await ear.stop()
        await self._http.aclose()

    def has_heard(self, jobs: Iterable[str], called_back: Iterable[str]) -> bool:
        """Whether everybody knows how these ended."""
        wanted, own = frozenset(jobs), frozenset(called_back)
        return (
            self._everything.finals >= wanted
            and all(ear.over.is_set() for job_id, ear in self._jobs.items() if job_id in wanted)
            and _ended(self._receiver, _ENDPOINT) >= wanted
            and _ended(self._receiver, _OWN) >= own
        )

    async def replay(self, jobs: Sequence[str]) -> None:
        """Listen to jobs that have ended, from their beginning."""
        waiting = iter(jobs)
        for group in iter(lambda: list(itertools.islice(waiting, 16)), []):
            ears = {job_id: self._ear(f"/v1/media/{job_id}/events") for job_id in group}
            for ear in ears.values():
                ear.start()
            for ear in ears.values():
                await ear.told_the_end(SILENCE)
            self._replays |= ears

    def hearing(self, ends: Sequence[Word]) -> Hearing:
        """All of it; `ends` are what the observer has heard."""
        calls, wrong = calls_heard(self._receiver.at(_ENDPOINT))
        own, wrong_own = calls_heard(self._receiver.at(_OWN))
        ears = (self._everything, *self._jobs.values(), *self._replays.values())
        taken = Counter((call.path, call.id) for call in self._receiver.calls if _took(call))
        return Hearing(
            heard=Heard(
                streams={EVERYTHING: self._everything.words},
                jobs={"its own stream": _words(self._jobs), "its replay": _words(self._replays)},
                others={"an AMQP queue": ends, "a webhook endpoint": calls},
                complaints=[*wrong, *wrong_own, *(said for ear in ears for said in ear.refused)],
            ),
            called_back=own,
            interruptions=self._everything.opened - 1,
            calls=len(self._receiver.calls),
            refused_calls=sum(not _took(call) for call in self._receiver.calls),
            repeated_calls=sum(times - 1 for times in taken.values()),
        )

    def _consider(self, promise: Promise, job_id: str) -> None:
        """Somebody was just told of this job."""
        if job_id not in self._jobs and int(promise.order.key[:4], 16) % _EVERY == 0:
            ear = self._jobs[job_id] = self._ear(f"/v1/media/{job_id}/events")
            ear.start()

    def _ear(self, path: str) -> StreamEar:
        return StreamEar(self._http, lambda: next(self._apis), path, silence=SILENCE)


def _words(ears: dict[str, StreamEar]) -> dict[str, Sequence[Word]]:
    return {job_id: ear.words for job_id, ear in ears.items()}


def _took(call: ReceivedCall) -> bool:
    return call.answered < 300


def _ended(receiver: MoodyReceiver, path: str) -> set[str]:
    return {word.job_id for word in calls_heard(receiver.at(path))[0]}
