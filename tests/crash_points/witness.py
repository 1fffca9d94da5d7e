"""Somebody else who listens: a plain AMQP client that hears every event, and speaks too."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pika

from shared.events import GeneratorAnnounced
from shared.messaging import topology

FINAL = ("ready", "failed", "canceled", "expired")
_CloudEvent = dict[str, Any]


class Witness:
    """Hears all of `media.events` from its beginning, and what its commands are answered."""

    def __init__(self, url: str) -> None:
        parameters = pika.URLParameters(url)
        parameters.heartbeat = 0
        self._connection = pika.BlockingConnection(parameters)
        self._channel = self._connection.channel()
        self._queue: str = self._channel.queue_declare("", exclusive=True).method.queue
        self._channel.queue_bind(self._queue, topology.EVENTS, "media.#")
        self._heard: list[_CloudEvent] = []
        self._answers: str = self._channel.queue_declare("", exclusive=True).method.queue
        self._answered: list[_CloudEvent] = []

    def close(self) -> None:
        self._connection.close()

    def heard(self) -> list[_CloudEvent]:
        """Everything so far, in the order in which it came."""
        return self._drain(self._queue, self._heard)

    def answers_to(self, command_id: str) -> list[_CloudEvent]:
        """What was answered to a command so far."""
        answered = self._drain(self._answers, self._answered)
        return [event for event in answered if event["data"]["command_id"] == command_id]

    def _drain(self, queue: str, events: list[_CloudEvent]) -> list[_CloudEvent]:
        while True:
            method, _, body = self._channel.basic_get(queue, auto_ack=True)
            if method is None:
                return events
            events.append(json.loads(body))

    def heard_of(self, job_id: str) -> list[_CloudEvent]:
        """What was said about one job."""
        return [event for event in self.heard() if event.get("subject") == job_id]

    def waiting_in(self, queues: Iterable[str]) -> dict[str, int]:
        """The queues that are not empty; what is delivered and not acked is not seen."""
        counts = {queue: self._count(queue) for queue in queues}
        return {queue: count for queue, count in counts.items() if count}

    def left_in(self, queues: Iterable[str]) -> dict[str, list[str | None]]:
        """The types of what is in queues that nobody takes from; announcements do not count.

        To look is to take and give back, which the broker counts: so look once.
        """
        left = {queue: self._types_in(queue) for queue in queues}
        return {queue: types for queue, types in left.items() if types}

    def _types_in(self, queue: str) -> list[str | None]:
        types, last = [], None
        while self._count(queue):
            method, properties, _ = self._channel.basic_get(queue)
            if method is None:
                break
            types.append(properties.type)
            last = method.delivery_tag
        if last is not None:
            self._channel.basic_nack(last, multiple=True)
        return [kind for kind in types if kind != GeneratorAnnounced.type_name]

    def _count(self, queue: str) -> int:
        declared = self._channel.queue_declare(queue, passive=True)
        return int(declared.method.message_count)

    def command(
        self,
        command_id: str,
        *,
        deed: str = "request",
        exchange: str = topology.COMMANDS,
        headers: dict[str, Any] | None = None,
        **data: Any,
    ) -> None:
        """Publish `RequestMedia` (or `cancel`), to be answered."""
        kind = f"darkroom.media.{deed}.v1"
        command = {
            "specversion": "1.0",
            "id": command_id,
            "type": kind,
            "source": "/tests/witness",
            "time": datetime.now(UTC).isoformat(),
            "datacontenttype": "application/json",
            "correlationid": command_id,
            "data": data,
        }
        properties = pika.BasicProperties(type=kind, headers=headers, reply_to=self._answers)
        self.put(json.dumps(command).encode(), command_id, f"media.{deed}", exchange, properties)

    def put(
        self,
        body: bytes,
        message_id: str,
        key: str,
        exchange: str = "",
        properties: pika.BasicProperties | None = None,
    ) -> None:
        """Publish anything; by default straight into the queue that `key` names."""
        properties = properties or pika.BasicProperties()
        properties.message_id, properties.delivery_mode = message_id, 2
        self._channel.basic_publish(exchange, key, body, properties)


def by_kind(events: Iterable[_CloudEvent]) -> dict[tuple[str, int | None], list[_CloudEvent]]:
    """Events of one job that should be one and the same: by type and number of the attempt."""
    kinds: dict[tuple[str, int | None], list[_CloudEvent]] = defaultdict(list)
    for event in events:
        said = event["data"].get("attempt")
        attempt = said.get("number") if isinstance(said, dict) else said
        kinds[event["type"], attempt].append(event)
    return kinds


def last_words(events: Iterable[_CloudEvent]) -> dict[str, str]:
    """The final events, by id: what each says."""
    types = {f"darkroom.media.{final}.v1": final for final in FINAL}
    return {event["id"]: types[event["type"]] for event in events if event["type"] in types}


def new_id() -> str:
    """For a key or a message."""
    return str(uuid.uuid4())
