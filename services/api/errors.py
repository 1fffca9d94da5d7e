"""What the api refuses, by name. Codes are part of the public contract."""

from datetime import timedelta

from shared.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermanentError,
    RateLimitedError,
)


class UnauthenticatedError(PermanentError):
    """Nobody knows who calls: send a key as `Authorization: Bearer dk_…`."""

    code = "unauthenticated"
    title = "Unauthenticated"
    status = 401


class ScopeMissingError(PermanentError):
    """The key does not allow this; the problem names the scope that does."""

    code = "scope_missing"
    title = "Scope missing"
    status = 403


class KeyNotFoundError(NotFoundError):
    """There is no such key."""


class BrokerUserTakenError(ConflictError):
    """There is a key for the broker user already: revoke it first."""

    code = "broker_user_taken"
    title = "Broker user taken"


class KeyQuotaExceededError(ConflictError):
    """The tenant has as many keys that count as it may: revoke one, or have the limit raised."""

    code = "quota_exceeded"
    title = "Quota exceeded"


class MediaRequestNotFoundError(NotFoundError):
    """There is no such media request."""


class MediaDeletedError(PermanentError):
    """The media request was deleted; what is left of it stands beside this."""

    code = "gone"
    title = "Gone"
    status = 410


class AssetNotFoundError(NotFoundError):
    """The media request has no such asset."""


class UploadNotFoundError(NotFoundError):
    """There is no such upload."""


class EmptyUploadError(InvalidInputError):
    """The body is empty: send the file itself."""

    code = "empty_upload"
    title = "Empty upload"


class UnreadableUploadError(InvalidInputError):
    """The file is damaged."""

    code = "unreadable_upload"
    title = "Unreadable upload"


class TooManyPixelsError(InvalidInputError):
    """The picture has more pixels than are allowed."""

    code = "too_many_pixels"
    title = "Too many pixels"


class DeadLetterNotFoundError(NotFoundError):
    """There is no such dead letter."""


class GeneratorNotFoundError(NotFoundError):
    """No generator of this name has been announced."""


class UnknownGeneratorError(InvalidInputError):
    """No generator of this name has been announced."""

    code = "unknown_generator"
    title = "Unknown generator"


class MalformedJsonError(PermanentError):
    """The body is not JSON."""

    code = "malformed_json"
    title = "Malformed JSON"
    status = 400


class UnsupportedMediaTypeError(PermanentError):
    """The body has to be sent as application/json."""

    code = "unsupported_media_type"
    title = "Unsupported media type"
    status = 415


class UnsupportedUploadError(UnsupportedMediaTypeError):
    """The file is of a kind that cannot be uploaded."""


class IdempotencyKeyReusedError(PermanentError):
    """The idempotency key was used before, for another request: use a new key."""

    code = "idempotency_key_reused"
    title = "Idempotency key reused"
    status = 422


class IdempotencyKeyInFlightError(ConflictError):
    """A request with the same idempotency key is being accepted right now: ask again."""

    code = "idempotency_key_in_flight"
    title = "Idempotency key in flight"

    def __init__(self) -> None:
        super().__init__(retry_after=timedelta(seconds=1))


class BudgetExhaustedError(PermanentError):
    """What the request may cost is more than is left of the budget."""

    code = "budget_exhausted"
    title = "Budget exhausted"
    status = 402


class NotReadyError(ConflictError):
    """There is nothing to download yet: the media request has not come to its end."""

    code = "not_ready"
    title = "Not ready"


class AlreadyFinalError(ConflictError):
    """The media request has come to its end and cannot be canceled."""

    code = "already_final"
    title = "Already final"


class StillRunningError(ConflictError):
    """The media request has not come to its end: cancel it first, or wait."""

    code = "still_running"
    title = "Still running"


class ForeignStoreError(ConflictError):
    """The store belongs to another Darkroom: nothing is removed from it."""

    code = "foreign_store"
    title = "Foreign store"


class NothingToReconcileError(ConflictError):
    """Nobody has to decide anything about the media request (any more)."""

    code = "nothing_to_reconcile"
    title = "Nothing to reconcile"


class NotFinalError(ConflictError):
    """The media request has not come to its end, so it cannot be retried yet."""

    code = "not_final"
    title = "Not final"


class AlreadyReadyError(ConflictError):
    """The media request is ready: there is nothing to retry."""

    code = "already_ready"
    title = "Already ready"


class QueueFullError(RateLimitedError):
    """As many requests wait as may: ask again after Retry-After."""

    code = "queue_full"
    title = "Queue full"


class RateExceededError(RateLimitedError):
    """The tenant asks more often than it may: ask again after Retry-After."""


class QuotaExceededError(RateLimitedError):
    """The tenant has as much of this as it may: wait until there is less, or have it raised."""

    code = "quota_exceeded"
    title = "Quota exceeded"


class UploadQuotaExceededError(PermanentError):
    """The tenant's uploads take as much room as they may: delete some, or have it raised."""

    code = "quota_exceeded"
    title = "Quota exceeded"
    status = 413


class TooManyListenersError(RateLimitedError):
    """As many streams of events are open as may be: close some, or ask again later."""

    code = "too_many_listeners"
    title = "Too many listeners"


class UnknownPositionError(PermanentError):
    """Nothing was ever told at this position: leave out Last-Event-ID to begin anew."""

    code = "unknown_position"
    title = "Unknown position"
    status = 400


class EventsGoneError(PermanentError):
    """Some of what followed is forgotten: list the requests, begin anew without Last-Event-ID."""

    code = "events_gone"
    title = "Events gone"
    status = 410


class NotReplayableError(ConflictError):
    """The dead letter cannot be sent to the queue that it could not leave."""

    code = "not_replayable"
    title = "Not replayable"


class BeingReplayedError(ConflictError):
    """Somebody else is replaying the dead letter right now."""

    code = "being_replayed"
    title = "Being replayed"

    def __init__(self) -> None:
        super().__init__(retry_after=timedelta(seconds=1))


class RangeNotSatisfiableError(PermanentError):
    """The asset has no such bytes."""

    code = "range_not_satisfiable"
    title = "Range not satisfiable"
    status = 416
