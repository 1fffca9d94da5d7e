"""Evidence of a small run in which everything held: to be doctored by tests."""

from collections import Counter
from dataclasses import replace
from typing import Any

from tests.chaos.audience import Hearing
from tests.chaos.evidence import (
    Answer,
    ApiJob,
    AssetRow,
    AttemptRow,
    Evidence,
    GeneratorJob,
    LoggedEvent,
    VerdictRow,
)
from tests.chaos.observer import REJECTED, Sighting
from tests.chaos.orders import SURROUNDINGS, Door, Order
from tests.chaos.promises import Promise
from tests.hearing import Heard, Word

APIS = ("http://api-1", "http://api-2")

READY, FAILED, CANCELED, EXPIRED = "job-ready", "job-failed", "job-canceled", "job-expired"
LATE = "job-late"
"""Canceled by the notifier's own word, but made all the same: allowed."""

_IN_THE_BOOKS = {"ready": "generated", "failed": "failed"}


def a_clean_run() -> Evidence:
    """One job for every way to end, one command that was rejected, and nothing else."""
    evidence = Evidence(
        outboxes={"api": 0, "generator": 0, "notifier": 0},
        queues={"api.progress": 0},
        replicas={"api.progress": 1},
        answers={api: {} for api in APIS},
        republished=Counter(),
        endings=[("api-1", "exit code 0"), ("api-1", "killed by signal 9")],
    )
    _add(evidence, READY, "ready")
    _add(evidence, FAILED, "failed", failures=SURROUNDINGS | {"flaky_permanent"})
    _add(evidence, CANCELED, "canceled", cancel_after=1.0)
    _add(evidence, EXPIRED, "expired", spec={"deadline_seconds": 1})
    _add(evidence, LATE, "canceled", cancel_after=1.0)
    _make_late(evidence)
    _reject(evidence)
    _listen(evidence)
    return evidence


def a_word(job_id: str, kind: str, event_id: str) -> Word:
    """One event, as anybody heard it."""
    return Word(event_id, f"darkroom.media.{kind}.v1", job_id, said=event_id)


def a_sighting(event_id: str, kind: str, subject: str | None = None, **more: Any) -> Sighting:
    """One event, heard once."""
    return Sighting(
        id=event_id,
        type=f"darkroom.media.{kind}.v1",
        subject=subject,
        correlation_id=None,
        first_at=1.0,
        exchange="media.events",
        deliveries=1,
        words={"words"},
        **more,
    )


def see(evidence: Evidence, sighting: Sighting) -> None:
    evidence.sightings[sighting.id] = sighting


def _add(evidence: Evidence, job_id: str, state: str, **order: Any) -> None:
    """A job that ended so, in everybody's books."""
    promise = Promise(
        Order(f"order-{job_id}", 0.0, Door.HTTP, order.pop("spec", {}), **order),
        accepted_at=0.1,
        job_ids={job_id},
    )
    evidence.promises.append(promise)
    evidence.jobs[job_id] = ApiJob(job_id, state, promise.order.id, job_id, max_attempts=5)
    evidence.keys.append((promise.order.key, job_id))
    body: dict[str, Any] = {"status": state, "assets": [], "error": None}
    if state == "failed":
        body["error"] = {"code": "flaky_permanent", "message": "on purpose"}
    if state == "ready":
        body["assets"] = [{"sha256": f"sha-{job_id}"}]
        evidence.contents[job_id] = Answer(200, sha256=f"sha-{job_id}")
    for api in APIS:
        evidence.answers[api][job_id] = Answer(200, dict(body))
    _end(evidence, job_id, state)


def _end(evidence: Evidence, job_id: str, state: str) -> None:
    """The final event and verdict, and the generator's books."""
    event_id, cause = f"final-{job_id}", f"cause-{job_id}"
    see(evidence, a_sighting(event_id, state, job_id))
    see(evidence, a_sighting(cause, "generation_canceled", job_id))
    evidence.log.append(LoggedEvent(event_id, job_id, f"darkroom.media.{state}.v1"))
    evidence.verdicts[job_id] = VerdictRow(job_id, state, event_id, cause)
    status = _IN_THE_BOOKS.get(state, "canceled")
    evidence.generator_jobs[job_id] = GeneratorJob(job_id, status, 2, 2, finished=True)
    last = {"ready": "succeeded", "failed": "failed"}.get(state, "canceled")
    evidence.attempts[job_id] = [
        AttemptRow(job_id, 1, 1, "lost", ended=True, failure="worker_lost"),
        AttemptRow(job_id, 2, 2, last, ended=True),
    ]
    if state == "ready":
        _store(evidence, job_id)


def _store(evidence: Evidence, job_id: str) -> None:
    evidence.assets[job_id] = [AssetRow(job_id, 0, f"sha-{job_id}", 2)]
    evidence.store[f"sha-{job_id}"] = f"sha-{job_id}"


def _make_late(evidence: Evidence) -> None:
    """The notifier did not wait for ever; the worker was not stopped in time."""
    cause = a_sighting("wish", "cancel_requested", LATE)
    see(evidence, cause)
    evidence.verdicts[LATE] = replace(evidence.verdicts[LATE], caused_by=cause.id)
    evidence.generator_jobs[LATE] = GeneratorJob(LATE, "generated", 2, 2, finished=True)
    evidence.attempts[LATE][1] = AttemptRow(LATE, 2, 2, "succeeded", ended=True)
    _store(evidence, LATE)


def _listen(evidence: Evidence) -> None:
    """Everybody heard it all; the job that is ready called back, and was ordered at a provider."""
    begun = [a_word(job_id, "requested", f"begin-{job_id}") for job_id in evidence.jobs]
    ends = [a_word(one.job_id, one.outcome, one.event_id) for one in evidence.verdicts.values()]
    ready = [word for word in begun + ends if word.job_id == READY]
    evidence.hearing = Hearing(
        Heard(
            streams={"/v1/events": begun + ends},
            jobs={"its own stream": {READY: ready}},
            others={"an AMQP queue": ends, "a webhook endpoint": ends},
        ),
        called_back=[word for word in ready if word.final],
    )
    evidence.promises[0].order.spec["webhook"] = {"url": "http://127.0.0.1:9/hooks"}
    evidence.taken[evidence.promises[0].order.id] = 1
    evidence.decisions[evidence.promises[0].order.id] = ["resubmit"]


def _reject(evidence: Evidence) -> None:
    order = Order("order-invalid", 0.0, Door.COMMAND, {}, valid=False)
    evidence.promises.append(Promise(order, accepted_at=0.1))
    rejected = a_sighting("rejection", "rejected", command_id=order.key)
    assert rejected.type == REJECTED
    see(evidence, rejected)
