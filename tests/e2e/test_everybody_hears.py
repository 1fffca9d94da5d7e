"""Whoever listens, in whichever way, hears the same ends, whoever is killed meanwhile.

Live events of everything and of each job, a queue of another service, and webhooks.
"""

import os
import signal
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from deploy.local.stack import LocalStack
from shared.client import ApiProblemError, DarkroomClient
from shared.testing import eventually
from shared.testing.webhook_receiver import WebhookReceiver
from tests.hearing import Heard, StreamEar, calls_heard, disagreements
from tests.hearing.queues import QueueEar

VICTIMS = ("api", "notifier", "rabbitmq", "api", "notifier", "api")
PATIENCE = timedelta(seconds=60)
WISHES = (
    {"generator": "noop", "input": {}, "metadata": {"note": "one\u2028two\u0085three\x0bfour"}},
    {"generator": "flaky", "input": {"transient_rate": 0.5, "delay_seconds": 0.3}},
    {"generator": "flaky", "input": {"permanent_rate": 1}},
    {"generator": "flaky", "input": {"delay_seconds": 40}, "total_timeout_seconds": 3},
    {"generator": "flaky", "input": {"delay_seconds": 40}, "metadata": {"wanted": "no more"}},
)


class Audience:
    """Everybody who listens to one stack; the AMQP listener is called `queue`."""

    def __init__(self, stack: LocalStack, http: httpx.AsyncClient) -> None:
        self._stack = stack
        self._http = http
        self.everything = self._ear("/v1/events")
        self.ends = self._ear("/v1/events?types=media.ready&types=media.failed")
        self.queue = QueueEar(stack.info.rabbitmq, f"shop.{uuid.uuid4().hex}")
        self.jobs: dict[str, StreamEar] = {}

    async def open(self) -> None:
        for ear in (self.everything, self.ends):
            ear.start()
            await ear.listening.wait()
        self.queue.start()
        await self.queue.listening.wait()

    async def close(self) -> None:
        for ear in (self.everything, self.ends, *self.jobs.values()):
            await ear.stop()
        await self.queue.stop()

    def follow(self, job_id: str) -> None:
        """Listen to one job from its beginning."""
        ear = self.jobs[job_id] = self._ear(f"/v1/media/{job_id}/events")
        ear.start()

    def heard(self, receiver: WebhookReceiver) -> Heard:
        calls, wrong = calls_heard(receiver.calls)
        ears = (self.everything, *self.jobs.values())
        return Heard(
            streams={"/v1/events": self.everything.words},
            jobs={"its own stream": {job_id: ear.words for job_id, ear in self.jobs.items()}},
            others={"a queue": self.queue.words, "webhooks": calls},
            complaints=wrong + [said for ear in ears for said in ear.refused],
        )

    def _ear(self, path: str) -> StreamEar:
        return StreamEar(self._http, lambda: self._stack.info.api, path)


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture
async def client(stack: LocalStack) -> AsyncIterator[DarkroomClient]:
    async with DarkroomClient(stack.info.api, tries=40, patience=PATIENCE) as client:
        yield client


@pytest.fixture
async def audience(
    stack: LocalStack, client: DarkroomClient, receiver: WebhookReceiver
) -> AsyncIterator[Audience]:
    endpoint = await client.webhooks.add(receiver.url)
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=None)) as http:
        audience = Audience(stack, http)
        await audience.open()
        yield audience
        await audience.close()
    await client.webhooks.remove(endpoint.id)


async def test_everybody_hears_the_same_ends_whoever_is_killed(
    stack: LocalStack, client: DarkroomClient, receiver: WebhookReceiver, *, audience: Audience
) -> None:
    receiver.fail(3, status=503)
    receiver.answer_after(timedelta(milliseconds=100))  # so that some are under way at each kill
    asked: set[str] = set()
    for victim in VICTIMS:
        unwanted = await _ask(client, audience, asked)
        await _kill(stack, victim, meanwhile=_ask(client, audience, asked))
        await _cancel(client, unwanted)
    await _cancel(client, asked)

    def all_is_told() -> None:
        assert audience.everything.finals >= asked
        assert {word.job_id for word in audience.queue.words} >= asked
        assert {word.job_id for word in calls_heard(receiver.calls)[0]} >= asked
        assert all(ear.over.is_set() for ear in audience.jobs.values())

    with suppress(AssertionError):  # what is missing is said below
        await eventually(all_is_told, timeout=60)
    found = list(disagreements(audience.heard(receiver), asked))
    assert not found, "\n".join(map(str, found))
    must_have_been_a_test(audience, asked)


def must_have_been_a_test(audience: Audience, asked: set[str]) -> None:
    """All ways to end were heard, by listeners who were cut off and came back."""
    words = [word for word in audience.everything.words if word.job_id in asked]
    ends = Counter(word.type for word in words if word.final)
    assert len(ends) == 4, ends
    assert audience.everything.opened > VICTIMS.count("api")
    assert audience.queue.opened > VICTIMS.count("rabbitmq")
    chosen = {"darkroom.media.ready.v1", "darkroom.media.failed.v1"}
    filtered = [word.id for word in audience.ends.words if word.job_id in asked]
    assert filtered == [word.id for word in words if word.type in chosen]


async def _ask(client: DarkroomClient, audience: Audience, asked: set[str]) -> set[str]:
    """Two of each; somebody listens to each of them. Answers those to be canceled."""
    unwanted: set[str] = set()
    for answer in await client.request_many(WISHES * 2):
        assert answer.job is not None, answer
        job_id = str(answer.job.id)
        asked.add(job_id)
        audience.follow(job_id)
        if "wanted" in answer.job.metadata:
            unwanted.add(job_id)
    return unwanted


async def _cancel(client: DarkroomClient, jobs: set[str]) -> None:
    for job_id in jobs:
        with suppress(ApiProblemError):  # it has ended by itself, or was canceled by a lost try
            await client.cancel(job_id)


async def _kill(
    stack: LocalStack, name: str, meanwhile: Coroutine[object, object, set[str]]
) -> None:
    """Until another is there in its place; what is asked for `meanwhile` may have to wait."""
    before = stack.info.pids[name]
    for pid in before if isinstance(before, list) else [before]:
        os.kill(int(str(pid)), signal.SIGKILL)
    await meanwhile

    def is_back() -> None:
        assert stack.info.pids[name] != before

    await eventually(is_back, timeout=30)
