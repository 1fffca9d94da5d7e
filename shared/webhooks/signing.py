"""Signatures of webhooks: HMAC-SHA256 of `id.timestamp.body`.

Source: the Standard Webhooks specification (github.com/standard-webhooks/standard-webhooks).
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.errors import PermanentError

PREFIX: Final = "whsec_"
TOLERANCE: Final = timedelta(minutes=5)
"""How far the sender's clock may be from the receiver's."""
_BYTES: Final = 32


class WebhookVerificationError(PermanentError):
    """The call was not signed with this secret, or it is an old one sent again."""

    code = "webhook_not_verified"
    title = "Webhook not verified"
    status = 401


def new_secret() -> str:
    """A secret of 256 bits, as it is shown."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature; `timestamp` in seconds of Unix time. Raises `ValueError` for no secret."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def signatures(keys: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header: a signature for each secret that holds."""
    return " ".join(sign(key, message_id, timestamp, body) for key in keys)


def verify_webhook(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance: timedelta = TOLERANCE,
    now: datetime | None = None,
) -> None:
    """Make sure that Darkroom has sent this, and lately: for receivers.

    `body` are the bytes as they came. Raises `WebhookVerificationError`.
    """
    said = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, signed = said["webhook-id"], said["webhook-signature"]
        timestamp = int(said["webhook-timestamp"])
        expected = sign(secret, message_id, timestamp, body)
    except KeyError as missing:
        raise WebhookVerificationError(f"The header {missing.args[0]} is missing.") from None
    except (ValueError, binascii.Error):
        raise WebhookVerificationError("The secret or the time of the call is none.") from None
    age = (now or datetime.now(UTC)).timestamp() - timestamp
    if abs(age) > tolerance.total_seconds():
        raise WebhookVerificationError("The call is too old, or from the future: check the clocks.")
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in signed.split()):
        raise WebhookVerificationError("The signature is not that of this secret.")
