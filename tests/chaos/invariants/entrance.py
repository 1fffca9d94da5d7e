"""At the door: what was accepted exists, once, and nothing else does."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import ApiJob, Evidence
from tests.chaos.invariants.violation import Violation
from tests.chaos.observer import REJECTED
from tests.chaos.orders import Door


def check_nobody_is_left_without_an_answer(evidence: Evidence) -> Iterator[Violation]:
    """A client that keeps asking with the same key is accepted in the end."""
    for promise in evidence.promises:
        if promise.order.valid and not promise.accepted:
            answers = ", ".join(f"{what} x {n}" for what, n in promise.answers.items())
            yield Violation(promise.order.id, "to be accepted", answers or "no answer at all")


def check_accepted_jobs_exist(evidence: Evidence) -> Iterator[Violation]:
    """A promise is a row in the api's database."""
    by_order = _jobs_by_order(evidence)
    for promise in evidence.promises:
        for job_id in sorted(promise.job_ids - evidence.jobs.keys()):
            yield Violation(job_id, f"a job for order {promise.order.id}", "none in the database")
        commanded = promise.order.door is Door.COMMAND and promise.accepted
        if commanded and promise.order.valid and not by_order[promise.order.id]:
            yield Violation(
                promise.order.id, f"a job for the confirmed command {promise.order.key}", "none"
            )


def check_one_job_per_order(evidence: Evidence) -> Iterator[Violation]:
    """However often, and at how many apis at once, the same thing was asked for."""
    by_order = _jobs_by_order(evidence)
    for promise in evidence.promises:
        if len(promise.job_ids) > 1:
            told = ", ".join(sorted(promise.job_ids))
            yield Violation(promise.order.id, "one job for one key", f"told of {told}")
        if len(jobs := by_order[promise.order.id]) > 1:
            ids = ", ".join(sorted(job.id for job in jobs))
            yield Violation(promise.order.id, "one job for one key", f"in the database {ids}")
    jobs_of_key = defaultdict(set)
    for key, job_id in evidence.keys:
        jobs_of_key[key].add(job_id)
    for key, job_ids in jobs_of_key.items():
        if len(job_ids) > 1:
            yield Violation(key, "one job for one key", f"{len(job_ids)} jobs")


def check_nothing_is_made_up(evidence: Evidence) -> Iterator[Violation]:
    """Every job belongs to an order, and is the one that its client was told of."""
    promises = {promise.order.id: promise for promise in evidence.promises}
    for job in evidence.jobs.values():
        promise = promises.get(job.order or "")
        if promise is None:
            yield Violation(job.id, "an order that it was made for", f"order {job.order}")
        elif not promise.order.valid:
            yield Violation(job.id, "no job for an invalid command", f"order {job.order}")
        elif promise.job_ids and job.id not in promise.job_ids:
            told = ", ".join(sorted(promise.job_ids))
            yield Violation(job.id, f"the job that the client was told of ({told})", "another one")
    made = {job_id for job_id in evidence.generator_jobs if job_id not in evidence.jobs}
    for job_id in sorted(made | (evidence.verdicts.keys() - evidence.jobs.keys())):
        yield Violation(job_id, "work on jobs that the api has accepted", "a job it does not know")


def check_invalid_commands_are_rejected(evidence: Evidence) -> Iterator[Violation]:
    """One `media.rejected` for each command that cannot be done, and for no other."""
    rejections = defaultdict(set)
    for sighting in evidence.sightings.values():
        if sighting.type == REJECTED and sighting.command_id is not None:
            rejections[sighting.command_id].add(sighting.id)
    for promise in evidence.promises:
        if promise.order.door is not Door.COMMAND or not promise.accepted:
            continue
        expected, seen = int(not promise.order.valid), len(rejections[promise.order.key])
        if seen != expected:
            yield Violation(
                promise.order.id,
                f"{expected} media.rejected for command {promise.order.key}",
                f"{seen}",
            )


def _jobs_by_order(evidence: Evidence) -> defaultdict[str, list[ApiJob]]:
    by_order: defaultdict[str, list[ApiJob]] = defaultdict(list)
    for job in evidence.jobs.values():
        if job.order is not None:
            by_order[job.order].append(job)
    return by_order
