"""Webhooks are signed as Standard Webhooks has it, which a library of others confirms."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError as NotVerifiedByOthers

from shared.webhooks import WebhookVerificationError, new_secret, sign, signatures, verify_webhook

BODY = '{"type":"media.ready","title":"Grüße"}'.encode()


def headers(*secrets: str, moment: datetime | None = None) -> dict[str, str]:
    timestamp = int((moment or datetime.now(UTC)).timestamp())
    return {
        "webhook-id": "event-1",
        "webhook-timestamp": str(timestamp),
        "Webhook-Signature": signatures(secrets, "event-1", timestamp, BODY),
    }


def test_a_library_of_others_verifies_a_call() -> None:
    secret = new_secret()
    assert Webhook(secret).verify(BODY, {k.lower(): v for k, v in headers(secret).items()})


def test_while_two_secrets_hold_either_verifies_and_no_third() -> None:
    old, new, other = new_secret(), new_secret(), new_secret()
    said = {name.lower(): value for name, value in headers(new, old).items()}
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, said)
        verify_webhook(secret, said, BODY)
    with pytest.raises(NotVerifiedByOthers):
        Webhook(other).verify(BODY, said)
    with pytest.raises(WebhookVerificationError):
        verify_webhook(other, said, BODY)


def test_we_verify_what_the_library_signs() -> None:
    secret, now = new_secret(), datetime.now(UTC)
    signature = Webhook(secret).sign("event-1", now, BODY.decode())
    said = {**headers(secret, moment=now), "Webhook-Signature": signature}
    verify_webhook(secret, said, BODY)
    assert sign(secret, "event-1", int(now.timestamp()), BODY) == signature


@pytest.mark.parametrize("drift", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_call_is_not_taken_again(drift: timedelta) -> None:
    secret = new_secret()
    with pytest.raises(WebhookVerificationError, match="clocks"):
        verify_webhook(secret, headers(secret, moment=datetime.now(UTC) + drift), BODY)


def test_a_body_that_was_touched_is_refused() -> None:
    secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        verify_webhook(secret, headers(secret), BODY + b" ")


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "Webhook-Signature"])
def test_a_call_without_one_of_the_headers_is_refused(name: str) -> None:
    secret = new_secret()
    said = headers(secret)
    del said[name]
    with pytest.raises(WebhookVerificationError, match="missing"):
        verify_webhook(secret, said, BODY)


def test_nonsense_is_refused() -> None:
    with pytest.raises(WebhookVerificationError):
        verify_webhook(new_secret(), {**headers(new_secret()), "webhook-timestamp": "x"}, BODY)
    with pytest.raises(WebhookVerificationError):
        verify_webhook("whsec_no!", headers(new_secret()), BODY)


def test_a_secret_has_256_bits_and_is_never_the_same() -> None:
    assert len(base64.b64decode(new_secret().removeprefix("whsec_"))) == 32
    assert len({new_secret() for _ in range(100)}) == 100
