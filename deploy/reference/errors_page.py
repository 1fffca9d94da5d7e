"""docs/reference/errors.md: every code that a problem, a failed job or a dead letter can have."""

import inspect
from collections.abc import Iterable, Iterator
from types import ModuleType

from deploy.reference.markdown import code, table
from services.api import errors as api
from services.generator import errors as generator
from services.generator.generators import flaky
from services.generator.generators.comfyui import templates
from services.generator.generators.remote import errors as remote
from services.generator.generators.sound import errors as sound
from services.notifier import errors as notifier
from shared import errors
from shared.errors import DarkroomError, RetryableError
from shared.events.codec import UndecodableMessageError, UnknownTypeError
from shared.http.body_limit import BodyTooLargeError
from shared.messaging.batcher import InterruptedWriteError, StoppedError
from shared.messaging.publisher import BrokerUnavailableError
from shared.messaging.subscriber import OversizedMessageError
from shared.storage import AssetNotFoundError, StorageUnavailableError

Kind = type[DarkroomError]
_MISPLACED: Kind = generator.UnexpectedMessageError

_HEAD = """\
# Errors

## Over HTTP

An error is `application/problem+json` (RFC 9457):

```json
{
  "type": "https://darkroom.dev/problems/invalid_input",
  "title": "Invalid input",
  "status": 422,
  "detail": "The input does not fit the generator's schema.",
  "code": "invalid_input",
  "instance": "/v1/media",
  "errors": [{"pointer": "/input/width", "message": "9000 is greater than the maximum of 2048"}]
}
```

`code` is stable and made for programs, `detail` for people. `errors` names each bad field by JSON
Pointer (RFC 6901). Where waiting may help there is a `Retry-After` header. In a batch each refused
request has such a problem of its own; a refused command comes back in `media.rejected`.
"""
_JOBS = """\
## In jobs

A job that failed has `error: {code, message, retryable}`; each attempt has the same in `failure`.
The class of an error decides: what may pass is tried again with growing pauses, what cannot pass
fails at once.
"""
_DEAD = """\
## In dead letters

Why a message could not be handled: `error_code` in `darkroom dead list`.
"""
_INTERNAL = ("500", "`internal_error`", "A bug of ours; it has been logged.")
_LIMIT = (
    "`delivery_limit`",
    "It came back from its consumers too often: believed to kill them. Moved here by RabbitMQ.",
)
_BUG = ("`handler_error`", "The message broke its handler: a bug; the stack is with the letter.")


_OTHERS = (
    ("`canceled`", "no", "Somebody wanted it stopped."),
    ("`expired`", "no", "It did not start, or did not end, before its deadline; it says which."),
    (
        "`generator_error`",
        "no",
        "The generator failed in a way that nobody has named; see the logs.",
    ),
    ("`no_room`", "yes", "The worker's disk is full, or it has no handles left."),
    ("`out_of_memory`", "yes", "It needed more memory than it may."),
    ("`worker_stopped`", "yes", "The worker was stopped in order; the attempt is not counted."),
)


def errors_page() -> str:
    """The page's text."""
    http = (
        *_own(api),
        errors.InvalidInputError,
        errors.RetryableError,
        AssetNotFoundError,
        BodyTooLargeError,
        BrokerUnavailableError,
        InterruptedWriteError,
        StoppedError,
        StorageUnavailableError,
    )
    jobs = {*_own(generator), *_own(flaky), errors.InvalidInputError, errors.TimedOutError}
    jobs |= {*_own(remote), *_own(sound), templates.BadTemplateError}
    jobs |= {errors.WorkerLostError, errors.UnknownOutcomeError, StorageUnavailableError}
    dead: tuple[Kind, ...] = (
        UndecodableMessageError,
        UnknownTypeError,
        OversizedMessageError,
        *_own(notifier),
        _MISPLACED,
    )
    return "\n".join(
        [
            _HEAD,
            table(("status", "code", "meaning"), [*_http_rows(http), _INTERNAL]),
            _JOBS,
            table(("code", "tried again", "meaning"), _job_rows(jobs - {_MISPLACED})),
            _DEAD,
            table(
                ("code", "meaning"), [*((code(e.code), _meaning(e)) for e in dead), _BUG, _LIMIT]
            ),
        ]
    )


def _own(module: ModuleType) -> Iterator[Kind]:
    """The errors that a module defines."""
    for _, found in inspect.getmembers(module, inspect.isclass):
        if issubclass(found, DarkroomError) and found.__module__ == module.__name__:
            yield found


def _http_rows(kinds: Iterable[Kind]) -> Iterator[tuple[str, str, str]]:
    rows: dict[tuple[int, str], list[str]] = {}
    for kind in kinds:
        rows.setdefault((kind.status, kind.code), []).append(_meaning(kind))
    for (status, name), meanings in sorted(rows.items()):
        yield str(status), code(name), " ".join(sorted(meanings))


def _job_rows(kinds: Iterable[Kind]) -> Iterator[tuple[str, str, str]]:
    rows = {
        (code(kind.code), "yes" if issubclass(kind, RetryableError) else "no", _meaning(kind))
        for kind in kinds
    }
    yield from sorted(rows.union(_OTHERS))


def _meaning(kind: Kind) -> str:
    return inspect.cleandoc(kind.__doc__ or kind.title).splitlines()[0]
