"""What can go wrong in the generator service, by name. Codes are part of the public contract."""

from shared.errors import PermanentError, RetryableError


class NotHostedError(PermanentError):
    """No generator of this name is hosted here."""

    code = "generator_not_hosted"
    title = "Generator not hosted"


class UnexpectedMessageError(PermanentError):
    """A message that does not belong into this queue."""

    code = "unexpected_message"
    title = "Unexpected message"


class UnloadableGeneratorError(PermanentError):
    """The generator cannot be imported, or does not say what it is."""

    code = "generator_unloadable"
    title = "Generator unloadable"


class ChildDiedError(RetryableError):
    """The process that made it died."""

    code = "child_died"
    title = "Child process died"


class ChildUnavailableError(RetryableError):
    """No child process could be started."""

    code = "child_unavailable"
    title = "Child process unavailable"


class BadOutputError(PermanentError):
    """What the generator handed back cannot be used."""

    code = "bad_output"
    title = "Bad output"


class OutputTooLargeError(PermanentError):
    """The generator made more than it may."""

    code = "output_too_large"
    title = "Output too large"
