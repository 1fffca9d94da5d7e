"""Whatever strangers send: a dead letter with the reason, once, and no harm to its neighbours."""

from datetime import UTC, datetime
from typing import Any

import pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.events import encode
from shared.messaging import dead_letters, topology
from shared.messaging.subscriber import LARGEST
from shared.testing import a_media_ready, an_event, eventually
from tests.integration.messaging.harness import QUEUE, Service, depth, listening, running

BODY = encode(an_event(a_media_ready()))


def send(url: str, body: bytes, **properties: Any) -> None:
    """As a client that encodes whatever it is given."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", QUEUE.name, body, pika.BasicProperties(**properties))


async def must_work_on(service: Service) -> None:
    """A neighbour is handled, and the service is well."""
    ready = a_media_ready()
    await service.tell(ready)

    def handled() -> None:
        assert str(ready.job_id) in service.handler.subjects
        service.must_be_ready()

    await eventually(handled)


def changed(**attributes: Any) -> bytes:
    return an_event(a_media_ready()).model_copy(update=attributes).model_dump_json().encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "undecodable_message"),
        (b"\xff\x00\xfe", "undecodable_message"),
        (BODY[:-20], "undecodable_message"),
        (b"[" * 100_000, "undecodable_message"),
        (b'{"type": ' + b"9" * 10_000 + b"}", "undecodable_message"),
        (changed(type="darkroom.media.ready.v99"), "unknown_type"),
        (changed(type="darkroom.nonsense.v1"), "unknown_type"),
        (changed(specversion="2.0"), "undecodable_message"),
        (b" " * (LARGEST + 1), "oversized_message"),
    ],
    ids=[
        "nothing",
        "not text",
        "the end is missing",
        "deep",
        "a huge number",
        "a version of the future",
        "an unknown type",
        "another specification",
        "too large",
    ],
)
async def test_a_body_that_cannot_be_read_is_a_dead_letter(
    rabbitmq_url: str, body: bytes, code: str
) -> None:
    async with (
        running(rabbitmq_url) as service,
        listening(rabbitmq_url, topology.DEAD, "#") as graves,
    ):
        send(rabbitmq_url, body, message_id="m")
        [letter] = await eventually(lambda: graves.must_hold(1))
        await must_work_on(service)
        assert letter.body == body
        assert letter.headers[dead_letters.ERROR_CODE] == code
        graves.must_hold(1)
    assert await depth(rabbitmq_url, QUEUE.name) == 0


@pytest.mark.parametrize(
    "properties",
    [
        {"message_id": b"caf\xe9"},
        {"correlation_id": b"\xff" * 255},
        {"type": b"\xc3\x28", "app_id": b"\x80", "reply_to": b"\x80"},
        {"timestamp": 2**63 - 1},
        {"timestamp": 2**64 - 1},
        {"priority": 255},
        {"content_type": "text/html; charset=klingon", "content_encoding": "gzip"},
        {"headers": {"k": b"\xff\xfe", "n": -(2**63), "t": datetime(9999, 12, 31, tzinfo=UTC)}},
        {"headers": {"x-delivery-count": "many", "x-death": "yesterday"}},
        {"headers": {dead_letters.FIRST_SEEN: 7, dead_letters.ATTEMPT: {"a": [1]}}},
        {"headers": {f"h{n}": "v" * 1000 for n in range(100)}},
        {"headers": {"deep": {"a": {"b": {"c": [[[{"d": 1}]]]}}}}},
    ],
    ids=",".join,
)
async def test_odd_properties_harm_nobody(rabbitmq_url: str, properties: dict[str, Any]) -> None:
    """A body that can be read is handled all the same; one that cannot is a dead letter."""
    ready = a_media_ready()
    async with (
        running(rabbitmq_url) as service,
        listening(rabbitmq_url, topology.DEAD, "#") as graves,
    ):
        send(rabbitmq_url, encode(an_event(ready)), **properties)
        send(rabbitmq_url, b"{rubbish", **properties)
        [letter] = await eventually(lambda: graves.must_hold(1))
        await eventually(lambda: service.must_have_handled(ready))
        await must_work_on(service)
        assert letter.body == b"{rubbish"
        assert letter.headers[dead_letters.ERROR_CODE] == "undecodable_message"
    assert await depth(rabbitmq_url, QUEUE.name) == 0


@pytest.mark.parametrize(
    "bug", [RuntimeError("a bug"), OSError("a file is missing"), TimeoutError(), MemoryError()]
)
async def test_a_bug_in_the_handler_is_not_waited_for(rabbitmq_url: str, bug: Exception) -> None:
    culprit, others = a_media_ready(), [a_media_ready() for _ in range(20)]
    async with (
        running(rabbitmq_url) as service,
        listening(rabbitmq_url, topology.DEAD, "#") as graves,
    ):
        service.handler.poison = {str(culprit.job_id)}
        service.handler.bug = bug
        await service.tell(*others[:10], culprit, *others[10:])
        [letter] = await eventually(lambda: graves.must_hold(1))
        await eventually(lambda: service.must_have_handled(*others))
        assert letter.headers[dead_letters.ERROR_CODE] == "handler_error"
        assert letter.headers[dead_letters.ERROR_CLASS] == type(bug).__name__
        await must_work_on(service)
    assert await depth(rabbitmq_url, QUEUE.name) == 0


async def test_large_dead_letters_are_buried_in_parts(rabbitmq_url: str) -> None:
    async with (
        running(rabbitmq_url) as service,
        listening(rabbitmq_url, topology.DEAD, "#") as graves,
    ):
        service.handler.open.clear()
        for _ in range(5):
            send(rabbitmq_url, b"x" * (LARGEST + 1))
        letters: list[AbstractIncomingMessage] = await eventually(lambda: graves.must_hold(5), 30)
        assert all(len(letter.body) == LARGEST + 1 for letter in letters)


async def test_in_the_last_queue_what_cannot_be_handled_stays(rabbitmq_url: str) -> None:
    """There is no further dead-letter queue: it would only go round."""
    ready = a_media_ready()
    async with (
        running(rabbitmq_url, last_stop=True) as service,
        listening(rabbitmq_url, topology.DEAD, "#") as graves,
    ):
        send(rabbitmq_url, b"{rubbish")
        await service.tell(ready)
        await eventually(lambda: service.must_have_handled(ready))
        assert graves.messages == []
    assert await depth(rabbitmq_url, QUEUE.name) == 1
