"""Webhooks as both ends know them: signatures, and what is said about endpoints and deliveries.

Neighbours: the notifier, which sends and owns them; the api, which documents and forwards; the
client, which calls and verifies.
"""

from shared.webhooks.signing import (
    TOLERANCE,
    WebhookVerificationError,
    new_secret,
    sign,
    signatures,
    verify_webhook,
)

__all__ = [
    "TOLERANCE",
    "WebhookVerificationError",
    "new_secret",
    "sign",
    "signatures",
    "verify_webhook",
]
