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


class TooManyEndpointsError(ConflictError):
    """A tenant has only so many webhook endpoints."""

    code = "too_many_webhook_endpoints"
    title = "Too many webhook endpoints"


class MalformedJsonError(PermanentError):
    """The body is not JSON."""

    code = "malformed_json"
    title = "Malformed JSON"
    status = 400
