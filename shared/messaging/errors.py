"""What can be wrong between a service and its broker."""

from shared.errors import RetryableError


class BrokerUnavailableError(RetryableError):
    """RabbitMQ cannot be reached, or did not confirm in time."""

    code = "broker_unavailable"
    title = "Broker unavailable"


class BrokerBlockedError(BrokerUnavailableError):
    """RabbitMQ takes no messages: it is short of memory or of disk space."""


class UndeliverableError(RetryableError):
    """The broker returned the message (no queue is bound) or refused it (its queue is full).

    Or it breaks AMQP's limits, and was never sent.
    """

    code = "undeliverable"
    title = "Undeliverable message"


class UnroutableError(UndeliverableError):
    """The broker returned the message: no queue is bound for it."""
