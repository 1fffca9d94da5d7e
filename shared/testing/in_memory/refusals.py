"""What the in-memory Darkroom refuses, under the codes that the real api uses."""

from shared.errors import ConflictError, InvalidInputError, PermanentError


class UnknownGeneratorError(InvalidInputError):
    """No generator of this name is known here."""

    code = "unknown_generator"
    title = "Unknown generator"


class IdempotencyKeyReusedError(PermanentError):
    """The idempotency key was used before, for another request: use a new key."""

    code = "idempotency_key_reused"
    title = "Idempotency key reused"
    status = 422


class UnauthenticatedError(PermanentError):
    """This needs a key: send `Authorization: Bearer dk_…`."""

    code = "unauthenticated"
    title = "Unauthenticated"
    status = 401


class UnknownPositionError(PermanentError):
    """Nothing was ever told at this position: leave out Last-Event-ID to begin anew."""

    code = "unknown_position"
    title = "Unknown position"
    status = 400


class GoneError(PermanentError):
    """The media request was deleted."""

    code = "gone"
    title = "Gone"
    status = 410


class AlreadyFinalError(ConflictError):
    """The media request has come to its end."""

    code = "already_final"
    title = "Already final"


class StillRunningError(ConflictError):
    """The media request has not come to its end."""

    code = "still_running"
    title = "Still running"


class NotFinalError(ConflictError):
    """The media request can be repeated when it has ended."""

    code = "not_final"
    title = "Not final"


class AlreadyReadyError(ConflictError):
    """The media is there: there is nothing to repeat."""

    code = "already_ready"
    title = "Already ready"


class NotReadyError(ConflictError):
    """There is nothing to download yet."""

    code = "not_ready"
    title = "Not ready"
