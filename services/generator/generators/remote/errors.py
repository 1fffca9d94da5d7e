"""How an order at a provider can go wrong.

What counts is whether the order was taken. `NOT_TAKEN` and `ProviderRejectedError` say that it
certainly was not; after `AnswerLostError` nobody knows, and the provider has to be asked.
"""

from typing import Final

from shared.errors import (
    DarkroomError,
    InvalidInputError,
    PermanentError,
    RateLimitedError,
    RetryableError,
)


class ProviderUnavailableError(RetryableError):
    """The provider cannot be reached, or says that it cannot work now."""

    code = "provider_unavailable"
    title = "Provider unavailable"


class CircuitOpenError(ProviderUnavailableError):
    """The provider failed again and again: it is left alone for a while."""

    code = "provider_resting"
    title = "Provider left alone"


class ProviderLimitedError(RateLimitedError):
    """The provider, or what is agreed with it, allows no more orders for now."""

    code = "provider_rate_limited"
    title = "Provider rate limit"


class NoRoomError(ProviderLimitedError):
    """As many orders as were agreed are under way, or were given in this minute."""

    code = "provider_full"
    title = "No room at the provider"


class ProviderAccessError(PermanentError):
    """The provider does not serve this account: its operator has to look."""

    code = "provider_access"
    title = "Provider refuses access"


class ProviderRejectedError(PermanentError):
    """The provider does not want this input."""

    code = "provider_rejected"
    title = "Rejected by the provider"


class ProviderFailedError(PermanentError):
    """The provider took the order, and could not make it."""

    code = "provider_failed"
    title = "Failed at the provider"


class OrderLostError(RetryableError):
    """The provider has lost the order, and charges nothing for it: it can be given again."""

    code = "provider_lost_order"
    title = "Order lost"


class AnswerLostError(RetryableError):
    """The request was sent, and its answer did not arrive whole."""

    code = "provider_answer_lost"
    title = "Answer lost"


NOT_TAKEN: Final[tuple[type[DarkroomError], ...]] = (
    ProviderUnavailableError,
    ProviderLimitedError,
    ProviderAccessError,
)
"""Another backend may be asked for the same."""

PASSING: Final[tuple[type[RetryableError], ...]] = (
    ProviderUnavailableError,
    ProviderLimitedError,
    AnswerLostError,
)
"""The same question may be answered later."""

REFUSED: Final[tuple[type[DarkroomError], ...]] = (
    *NOT_TAKEN,
    ProviderRejectedError,
    InvalidInputError,
)
"""There is no order."""
