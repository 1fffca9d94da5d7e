"""What the notifier itself has names for."""

from shared.errors import ConflictError, NotFoundError, PermanentError


class NotAnOutcomeError(PermanentError):
    """The event says nothing about how a job ended, so the notifier cannot decide by it."""

    code = "not_an_outcome"
    title = "Not an outcome"


class EndpointNotFoundError(NotFoundError):
    """There is no such webhook endpoint."""

    code = "webhook_endpoint_not_found"
    title = "No such webhook endpoint"


class DeliveryNotFoundError(NotFoundError):
    """There is no such webhook delivery."""

    code = "webhook_delivery_not_found"
    title = "No such webhook delivery"


class EndpointDisabledError(ConflictError):
    """The endpoint is disabled: enable it first."""

    code = "webhook_endpoint_disabled"
    title = "Webhook endpoint disabled"


class NothingToSendError(ConflictError):
    """The job was deleted, and what was said about it with it."""

    code = "webhook_body_deleted"
    title = "Nothing to send"


class EndpointQuotaExceededError(ConflictError):
    """The tenant has as many webhook endpoints as it may: remove one, or have the limit raised."""

    code = "quota_exceeded"
    title = "Quota exceeded"


class IdempotencyKeyReusedError(PermanentError):
    """The idempotency key was used before, for another endpoint: use a new key."""

    code = "idempotency_key_reused"
    title = "Idempotency key reused"


class MalformedJsonError(PermanentError):
    """The body is not JSON."""

    code = "malformed_json"
    title = "Malformed JSON"
    status = 400
