"""Those who use Darkroom in these tests: over HTTP, and over AMQP with nothing but pika."""

import json
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
import pika
from pika.adapters.blocking_connection import BlockingChannel

from deploy.local.stack import LocalStack
from shared.testing import eventually_sync

Job = dict[str, Any]
FINAL = {"ready", "failed", "canceled", "expired"}


class Person:
    """Asks for media over HTTP and waits for it."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def ask(self, generator: str, input: dict[str, Any], **more: Any) -> Job:
        """The job, as accepted."""
        answer = self.http.post("/v1/media", json={"generator": generator, "input": input, **more})
        assert answer.status_code == 202, answer.text
        job: Job = answer.json()
        assert answer.headers["location"].endswith(f"/v1/media/{job['id']}")
        return job

    def ask_for_many(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One answer each, in order: `{status, job}` or `{status, problem}`."""
        answer = self.http.post("/v1/media/batch", json={"requests": requests})
        assert answer.is_success, answer.text
        answers: list[dict[str, Any]] = answer.json()["answers"]
        return answers

    def look(self, job_id: str) -> Job:
        answer = self.http.get(f"/v1/media/{job_id}")
        assert answer.status_code == 200, answer.text
        job: Job = answer.json()
        return job

    def wait(self, job_id: str, timeout: float = 60) -> Job:
        """The job in its final state."""

        def final() -> Job:
            job = self.look(job_id)
            assert job["status"] in FINAL, job
            return job

        return eventually_sync(final, timeout)


def pids_of(stack: LocalStack, service: str) -> list[int]:
    """The processes of a service, at this moment."""
    pids = stack.info.pids[service]
    assert isinstance(pids, list)
    return pids


def subject(event: dict[str, Any]) -> str:
    """The job that an event is about."""
    return str(event["subject"])


class Listener:
    """A service that binds a queue of its own to `media.events` and reads CloudEvents."""

    def __init__(self, channel: BlockingChannel, pattern: str) -> None:
        self._channel = channel
        self._queue: str = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(self._queue, "media.events", pattern)
        self.events: list[dict[str, Any]] = []
        self.properties: list[pika.BasicProperties] = []

    def collect(
        self,
        wanted: Iterable[str],
        by: Callable[[dict[str, Any]], str] = subject,
        timeout: float = 120,
    ) -> list[dict[str, Any]]:
        """Listen until all that is wanted was spoken of; everything heard so far about these."""
        wanted = set(wanted)
        waiting = wanted - {by(event) for event in self.events}
        for method, properties, body in self._channel.consume(
            self._queue, auto_ack=True, inactivity_timeout=timeout
        ):
            if method is None or not waiting:
                break
            self.events.append(json.loads(body))
            self.properties.append(properties)
            waiting.discard(by(self.events[-1]))
            if not waiting:
                break
        self._channel.cancel()
        assert not waiting, f"never heard of {len(waiting)}, such as {sorted(waiting)[:3]}"
        return [event for event in self.events if by(event) in wanted]


class Service:
    """Another team's service: sends commands to `media.commands` as CloudEvents.

    With keys it says the name of its `user`, which the broker compares with who it is.
    """

    def __init__(self, channel: BlockingChannel, user: str | None = None) -> None:
        self._channel = channel
        self._user = user

    def request(self, **data: Any) -> str:
        """Publish `RequestMedia`; answers the command's id."""
        command_id = str(uuid.uuid4())
        command = {
            "specversion": "1.0",
            "id": command_id,
            "type": "darkroom.media.request.v1",
            "source": "/shop/checkout",
            "time": datetime.now(UTC).isoformat(),
            "datacontenttype": "application/json",
            "correlationid": command_id,
            "data": data,
        }
        properties = pika.BasicProperties(
            content_type="application/cloudevents+json",
            delivery_mode=2,
            message_id=command_id,
            user_id=self._user,
        )
        body = json.dumps(command).encode()
        self._channel.basic_publish("media.commands", "media.request", body, properties)
        return command_id
