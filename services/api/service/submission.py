"""One request, from whichever door, before and after it is accepted."""

from dataclasses import dataclass
from hashlib import sha256

import orjson

from services.api.models import Job
from shared.events import Origin, RequestSpec


@dataclass(frozen=True, slots=True)
class Submission:
    """What is asked for, by whom, and under which idempotency key.

    The key has its door's name before it (`http:`, `batch:`, `command:`), so that doors cannot
    get into each other's way.
    """

    spec: RequestSpec
    origin: Origin
    key: str | None = None

    def fingerprint(self) -> str:
        """The same for the same request, whatever the order of its fields."""
        spec = self.spec
        what = (
            spec.generator,
            spec.input,
            spec.metadata,
            spec.webhook.model_dump() if spec.webhook else None,
            spec.priority.value,
            spec.deadline_seconds,
            spec.expires_in,
        )
        return sha256(orjson.dumps(what, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The job that a submission became; `replayed` when an earlier one had become it."""

    job: Job
    replayed: bool = False
