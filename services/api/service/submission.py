"""One request, from whichever door, before and after it is accepted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from services.api.models import Job
from shared.events import InputAsset, Origin, RequestSpec
from shared.messaging.outgoing import Outgoing

Answer = Callable[[Job], Outgoing]
"""What is said to whoever wanted the job."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What is asked for, by whom, and under which idempotency key.

    The key has its door's name before it (`http:`, `batch:`, `retry:`, `command:`), so that doors
    cannot get into each other's way. `retried_from` is the job that it repeats; `inputs` are the
    files that its input names, by asset id, once they have been looked up. `answer`: what is sent
    to whoever asked, in the transaction that accepts it.
    """

    spec: RequestSpec
    origin: Origin
    key: str | None = None
    retried_from: UUID | None = None
    inputs: Mapping[str, InputAsset] | None = None
    answer: Answer | None = None

    def fingerprint(self) -> str:
        """The same for the same request, whatever the order of its fields.

        Keys are kept for a day, so what a request may say since a later version is added only
        where it is said: the fingerprints of all others stay as they were.
        """
        spec = self.spec
        what: tuple[Any, ...] = (
            spec.generator,
            spec.input,
            spec.metadata,
            spec.webhook.model_dump() if spec.webhook else None,
            spec.priority.value,
            spec.deadline_seconds,
            spec.expires_in,
        )
        later = {
            "attempt_timeout_seconds": spec.attempt_timeout_seconds,
            "total_timeout_seconds": spec.total_timeout_seconds,
            "max_attempts": spec.max_attempts,
            "retried_from": self.retried_from and str(self.retried_from),
        }
        if said := {name: value for name, value in later.items() if value is not None}:
            what = (*what, said)
        return sha256(orjson.dumps(what, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The job that a submission became; `replayed` when an earlier one had become it."""

    job: Job
    replayed: bool = False
