"""The generator's own books: attempts, fences, results, and how they go with the verdict."""

from collections.abc import Iterator, Sequence

from tests.chaos.evidence import AttemptRow, Evidence, GeneratorJob, VerdictRow
from tests.chaos.invariants.violation import Violation

_AGREES = {"generated": "ready", "failed": "failed"}
_BY_WISH = frozenset(
    f"darkroom.media.{name}.v1" for name in ("cancel_requested", "deadline_passed")
)


def check_attempts(evidence: Evidence) -> Iterator[Violation]:
    """Numbered without gaps, fenced in order, all closed, one success, no more than allowed."""
    for job_id, job in evidence.generator_jobs.items():
        attempts = evidence.attempts.get(job_id, [])
        if not job.finished:
            yield Violation(job_id, "to be finished in the generator's books", job.status)
        yield from _numbering(job, attempts)
        for attempt in attempts:
            if job.finished and (not attempt.ended or attempt.outcome == "running"):
                seen = f"attempt {attempt.number} is {attempt.outcome}"
                yield Violation(job_id, "no open attempt of a finished job", seen)
        successes = [one.number for one in attempts if one.outcome == "succeeded"]
        if len(successes) > 1:
            yield Violation(job_id, "one success at most", f"attempts {successes}")
        if successes and successes[-1] != job.attempt:
            seen = f"{job.attempt - successes[-1]} more after attempt {successes[-1]}"
            yield Violation(job_id, "no attempt after a success", seen)
        yield from _limit(evidence, job_id, attempts)


def _numbering(job: GeneratorJob, attempts: Sequence[AttemptRow]) -> Iterator[Violation]:
    numbers = [attempt.number for attempt in attempts]
    if numbers != list(range(1, job.attempt + 1)):
        yield Violation(job.id, f"attempts 1 to {job.attempt}", f"{numbers}")
    fences = [attempt.fence for attempt in attempts]
    if fences != sorted(set(fences)) or (fences and fences[-1] != job.fence):
        yield Violation(job.id, f"fences that rise to {job.fence}", f"{fences}")


def _limit(evidence: Evidence, job_id: str, attempts: Sequence[AttemptRow]) -> Iterator[Violation]:
    if job_id not in evidence.jobs:
        return
    allowed = evidence.jobs[job_id].max_attempts
    counted = [one for one in attempts if not one.released and not one.doubtful]
    if len(counted) > allowed:
        yield Violation(job_id, f"{allowed} attempts at most", f"{len(counted)}")


def check_late_results(evidence: Evidence) -> Iterator[Violation]:
    """The generator's end and the verdict agree, unless the notifier closed the job by itself.

    It does that when a wish to stop (a cancel, a deadline) got no answer within its grace: then
    `caused_by` is that wish, and what the generator made of the job comes too late to count.
    """
    for job_id, verdict in evidence.verdicts.items():
        job = evidence.generator_jobs.get(job_id)
        if job is None:
            if not _closed_by_wish(evidence, verdict):
                yield Violation(job_id, "a row in the generator's books", "none")
        elif not _agree(job.status, verdict.outcome) and not _closed_by_wish(evidence, verdict):
            expected = f"what agrees with the verdict {verdict.outcome}"
            yield Violation(job_id, expected, f"{job.status} in the generator's books")


def _agree(status: str, outcome: str) -> bool:
    if status == "canceled":
        return outcome in {"canceled", "expired"}
    return _AGREES.get(status) == outcome


def _closed_by_wish(evidence: Evidence, verdict: VerdictRow) -> bool:
    cause = evidence.sightings.get(verdict.caused_by)
    return cause is not None and cause.type in _BY_WISH


def check_recorded_results(evidence: Evidence) -> Iterator[Violation]:
    """What was generated has one success and its assets, each once; what was not has none."""
    for job_id, job in evidence.generator_jobs.items():
        successes = [one for one in evidence.attempts.get(job_id, ()) if one.outcome == "succeeded"]
        assets = evidence.assets.get(job_id, [])
        if job.status == "generated" and not (successes and assets):
            seen = f"{len(successes)} successes, {len(assets)} assets"
            yield Violation(job_id, "a success and its assets", seen)
        if job.status != "generated" and (successes or assets):
            seen = f"{len(successes)} successes, {len(assets)} assets"
            yield Violation(job_id, f"no result of a job that is {job.status}", seen)
        if [asset.position for asset in assets] != list(range(len(assets))):
            yield Violation(job_id, "assets numbered from 0", f"{assets}")
        if len({asset.sha256 for asset in assets}) != len(assets):
            yield Violation(job_id, "each asset once", f"{[asset.sha256 for asset in assets]}")
