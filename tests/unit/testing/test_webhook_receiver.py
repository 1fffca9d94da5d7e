"""The receiver of webhooks: it collects, fails, dawdles and verifies as it is told."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.events import encode
from shared.testing import a_media_ready, an_event
from shared.testing.webhook_receiver import WebhookReceiver
from shared.webhooks import new_secret, sign

SECRET = new_secret()


def send(receiver: WebhookReceiver, secret: str = SECRET, timeout: float = 5) -> httpx.Response:
    event, now = an_event(a_media_ready()), int(datetime.now(UTC).timestamp())
    body = encode(event)
    headers = {
        "Webhook-Id": event.id,
        "Webhook-Timestamp": str(now),
        "Webhook-Signature": sign(secret, event.id, now, body),
    }
    return httpx.post(receiver.url, content=body, headers=headers, timeout=timeout)


def test_calls_are_collected() -> None:
    with WebhookReceiver() as receiver:
        assert send(receiver).status_code == 204
        call = receiver.wait_for(lambda call: call.event.type == "darkroom.media.ready.v1")

    assert (call.path, call.answered) == ("/hooks/darkroom", 204)
    assert receiver.events == {call.id: call.event}


def test_it_fails_as_often_as_it_is_told() -> None:
    with WebhookReceiver(SECRET) as receiver:
        receiver.fail(2, 503, Retry_After="1")
        answers = [send(receiver) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [503, 503, 204]
        assert answers[0].headers["Retry-After"] == "1"
        assert receiver.wait_for(count=3) is receiver.calls[2]
        assert len(receiver.events) == 1


def test_a_wrong_signature_is_refused() -> None:
    with WebhookReceiver(SECRET) as receiver:
        receiver.fail(1)
        assert send(receiver, new_secret()).status_code == 401
        assert httpx.post(receiver.url, content=b"{}").status_code == 401

    assert receiver.calls == []
    assert len(receiver.refused) == 2


def test_it_can_be_slow() -> None:
    with WebhookReceiver() as receiver:
        receiver.answer_after(timedelta(seconds=0.3))
        with pytest.raises(httpx.ReadTimeout):
            send(receiver, timeout=0.1)
        receiver.wait_for()


def test_what_does_not_come_is_said() -> None:
    with WebhookReceiver() as receiver, pytest.raises(AssertionError, match="0 of 1 calls"):
        receiver.wait_for(timeout=timedelta(seconds=0.05))
