"""Bugs to be planted in the services' own statements: would the machine notice them?

Each replaces fragments of one statement. A fragment that is not there any more fails loudly: then
the statement has changed, and the bug has to be planted elsewhere.
"""

import importlib
from dataclasses import dataclass
from typing import cast

import pytest
from sqlalchemy import TextClause, text

from shared.database.engine import Engine
from shared.messaging.publisher import PublishesMany
from shared.messaging.relay import OutboxRelay


@dataclass(frozen=True, slots=True)
class Bug:
    """In `module`, in the statement of that name, each fragment becomes something else.

    `deep`: it takes more examples to find it than there is time for in every test run.
    """

    name: str
    module: str
    statement: str
    swaps: tuple[tuple[str, str], ...]
    deep: bool = False

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    def plant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Until the test ends."""
        module = importlib.import_module(self.module)
        sound = getattr(module, self.statement)
        assert isinstance(sound, TextClause)
        monkeypatch.setattr(module, self.statement, text(self._spoilt(sound.text)))

    def _spoilt(self, statement: str) -> str:
        statement = " ".join(statement.split())
        for fragment, replacement in self.swaps:
            assert fragment in statement, f"{self.statement} no longer says {fragment!r}"
            statement = statement.replace(fragment, replacement)
        return statement


_CLAIMS = "services.generator.repository.claims"
_DECISIONS = "services.generator.repository.reconciliations"
_CONTROLS = "services.generator.repository.controls"
_LEASES = "services.generator.repository.leases"
_PENDING = "services.notifier.repository.pending_ends"
_REAPING = "services.generator.repository.reaping"
_SWEEP = "shared.messaging.sweep"
_RESULTS = "services.generator.repository.results"
_STOPS = "services.generator.repository.stops"
_ADMISSION = "services.generator.repository.admission"
_VERDICTS = "services.notifier.repository.verdicts"

BUGS = (
    Bug(
        "a result counts whatever its fence",
        _RESULTS,
        "_RECORD",
        (
            (
                "SELECT job.id, job.fence FROM job WHERE job.id = r.id AND job.fence = r.fence",
                "SELECT job.id, r.fence FROM job WHERE job.id = r.id",
            ),
            ("job.id = held.id AND job.fence = held.fence", "job.id = held.id"),
        ),
    ),
    Bug(
        "a result counts though the job has ended",
        _RESULTS,
        "_RECORD",
        ((" AND job.status = 'running'", ""),),
    ),
    Bug(
        "a stale result gets its word in beside the one that counts",
        _RESULTS,
        "_RECORD",
        (("done.message_id = o.message_id", "done.id = o.id"),),
        deep=True,
    ),
    Bug(
        "a start is said by whoever once held the job",
        _RESULTS,
        "_SAY_WHILE_RUNNING",
        ((" AND job.fence = mine.fence", ""),),
    ),
    Bug(
        "a claim takes what has a valid lease",
        _CLAIMS,
        "_CLAIM",
        (("job.lease_until < now()", "true"),),
    ),
    Bug(
        "a claim takes what is to be stopped",
        _CLAIMS,
        "_CLAIM",
        ((" AND job.cancel_requested_at IS NULL", ""),),
        deep=True,
    ),
    Bug(
        "a claim does not wait for the time of a retry",
        _CLAIMS,
        "_CLAIM",
        ((" AND job.available_at <= now()", ""),),
        deep=True,
    ),
    Bug(
        "a claim starts what was to have started before",
        _CLAIMS,
        "_CLAIM",
        (("job.deadline_at > now()", "true"),),
    ),
    Bug(
        "a claim goes on with what was to have ended before",
        _CLAIMS,
        "_CLAIM",
        (("job.finish_by > now()", "true"),),
        deep=True,
    ),
    Bug(
        "a takeover is one attempt too many",
        _CLAIMS,
        "_CLAIM",
        (("job.attempt < job.max_attempts AND", ""),),
    ),
    Bug("a claim keeps the fence", _CLAIMS, "_CLAIM", (("fence = fence + 1", "fence = fence"),)),
    Bug(
        "a takeover leaves the lost attempt open",
        _CLAIMS,
        "_CLAIM",
        (("WHERE claimed.taken_over AND", "WHERE false AND"),),
    ),
    Bug(
        "a claim does not look who is paused",
        _CLAIMS,
        "_CLAIM",
        (
            (
                "WHERE generator = ANY(ARRAY(",
                "WHERE generator IS NOT NULL OR generator = ANY(ARRAY(",
            ),
        ),
    ),
    Bug(
        "a heartbeat renews what another worker has",
        _LEASES,
        "_RENEW",
        ((" AND mine.fence = job.fence", ""),),
        deep=True,
    ),
    Bug(
        "a redelivered request starts the job again",
        _ADMISSION,
        "_ADD",
        (("DO NOTHING", "DO UPDATE SET status = 'queued', finished_at = NULL"),),
    ),
    Bug(
        "an admission begins what is paused",
        _ADMISSION,
        "_ADD_AND_BEGIN",
        (("generator IN (SELECT name FROM awake) AND (deadline", "true AND (deadline"),),
    ),
    Bug(
        "an admission overtakes what waits",
        _ADMISSION,
        "_ADD_AND_BEGIN",
        (("NOT crowded.now AND", ""),),
        deep=True,
    ),
    Bug(
        "an admission begins what was to have started before",
        _ADMISSION,
        "_ADD_AND_BEGIN",
        (("(deadline_at IS NULL OR deadline_at > now()) AND", ""),),
        deep=True,
    ),
    Bug(
        "a quick claim takes what is to be stopped",
        _CLAIMS,
        "_CLAIM_WAITING",
        ((" AND job.cancel_requested_at IS NULL", ""),),
        deep=True,
    ),
    Bug(
        "a quick claim does not wait for the time of a retry",
        _CLAIMS,
        "_CLAIM_WAITING",
        ((" AND job.available_at <= now()", ""),),
        deep=True,
    ),
    Bug(
        "a cancellation that comes first is forgotten",
        _STOPS,
        "_BURY",
        (("ORDER BY id", "WHERE false"),),
        deep=True,
    ),
    Bug(
        "a deadline to start stops what has begun",
        _STOPS,
        "_STOP",
        ((" AND NOT (held.begun AND wish.cause = 'start')", ""),),
    ),
    Bug(
        "a wish ends what runs without its worker",
        _STOPS,
        "_STOP",
        (("WHEN 'running' THEN status ELSE", "WHEN 'never' THEN status ELSE"),),
    ),
    Bug(
        "the reaper ends what still runs",
        _REAPING,
        "_REAP",
        (("job.lease_until < now()", "true"),),
    ),
    Bug(
        "the reaper ends what may be taken over",
        _REAPING,
        "_REAP",
        (("job.status = 'running' AND NOT (", "job.status = 'running' AND ("),),
    ),
    Bug(
        "the reaper forgets what nobody wants any more",
        _REAPING,
        "_REAP",
        (("(job.cancel_requested_at IS NOT NULL OR job.finish_by", "(job.finish_by"),),
        deep=True,
    ),
    Bug(
        "a decision counts for another attempt",
        _DECISIONS,
        "_RESOLVE",
        ((" AND job.attempt = told.attempt", ""),),
        deep=True,
    ),
    Bug(
        "what is given up is tried again",
        _DECISIONS,
        "_RESOLVE",
        (("CASE held.resolution WHEN 'fail' THEN 'failed' ELSE 'retrying' END", "'retrying'"),),
    ),
    Bug(
        "what is in doubt has ended",
        _RESULTS,
        "_RECORD",
        (("NOT IN ('retrying', 'needs_reconciliation')", "<> 'retrying'"),),
    ),
    Bug(
        "an older word of an operator replaces a newer one",
        _CONTROLS,
        "_RECORD",
        (("(control.said_at, control.message_id) <", "(control.said_at, control.message_id) >"),),
    ),
    Bug(
        "a later verdict replaces the first",
        _VERDICTS,
        "_ADD",
        (
            (
                "DO NOTHING",
                "DO UPDATE SET outcome = excluded.outcome, event_id = excluded.event_id",
            ),
        ),
    ),
    Bug(
        "a deadline that was met expires the job",
        _PENDING,
        "_ADD",
        (("DO UPDATE SET wish = NULL", "DO UPDATE SET wish = p.wish"),),
        deep=True,
    ),
    Bug(
        "silence counts before the grace is over",
        _PENDING,
        "_CLAIM",
        (("due_at <= now() AND wish", "wish"),),
        deep=True,
    ),
    Bug(
        "the relay leaves rows behind for ever",
        _SWEEP,
        "_TAKE",
        (("WHERE b.id = next.id", "WHERE cardinality(b.message_ids) = 1 AND b.id = next.id"),),
    ),
)


_PROJECTION = "services.api.repository.projection"

READ_MODEL_BUGS = (
    Bug(
        "the read model forgets which event was the latest",
        _PROJECTION,
        "_UPDATE",
        (("version = n.version", "version = job.version"),),
    ),
    Bug(
        "the read model mixes up its jobs",
        _PROJECTION,
        "_UPDATE",
        (("WHERE job.id = n.id", "WHERE job.id >= n.id"),),
    ),
    Bug(
        "the read model forgets attempts that ended",
        _PROJECTION,
        "_UPDATE",
        (("attempts = CAST(n.attempts AS jsonb)", "attempts = job.attempts"),),
    ),
)


class HastyEngine:
    """Its transactions are none: each statement commits at once."""

    def __init__(self, engine: Engine) -> None:
        self.begin = self.connect = engine.connect


class HastyRelay(OutboxRelay):
    """A relay that deletes before it publishes."""

    def __init__(self, engine: Engine, publisher: PublishesMany, *, limit: int) -> None:
        super().__init__(cast("Engine", HastyEngine(engine)), publisher, limit=limit)
