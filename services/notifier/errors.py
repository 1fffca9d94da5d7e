"""What the notifier itself has names for."""

from shared.errors import PermanentError


class NotAnOutcomeError(PermanentError):
    """The event says nothing about how a job ended, so the notifier cannot decide by it."""

    code = "not_an_outcome"
    title = "Not an outcome"
