"""The figures of a run, as they stand in every form of its report."""

import os
import platform
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.chaos.invariants.ends import FINAL
from tests.chaos.observer import FINAL_TYPES
from tests.chaos.options import SETTINGS
from tests.chaos.orders import Json
from tests.chaos.recovery import Recovery
from tests.chaos.run import Result
from tests.chaos.watching import longest_away, ready_after, spells


@dataclass(frozen=True, slots=True)
class Back:
    """How long it took to come back after the last fault, in seconds; None: it did not."""

    all_ready: float | None
    canary: float | None
    last_job: float


def summarize(result: Result) -> Json:
    """Everything that the report says, ready to be written as JSON."""
    evidence, options = result.evidence, result.options
    attempts = [one for many in evidence.attempts.values() for one in many]
    return {
        "command": options.command,
        "seed": options.seed,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {"Python": platform.python_version(), **evidence.versions},
        "processes": {**options.replicas, "rabbitmq": options.nodes, "postgres": 1},
        "settings": SETTINGS,
        "seconds": {
            "start": round(result.start_seconds, 1),
            "load": round(result.load_seconds, 1),
            "rest": round(result.rest_seconds, 1),
        },
        "faults": _faults(result),
        "jobs": _jobs(result),
        "events": _events(result),
        "listeners": _listeners(result),
        "doubts": _doubts(result),
        "attempts": {
            "all": len(attempts),
            "lost": sum(one.outcome == "lost" and not one.released for one in attempts),
            "released": sum(one.released for one in attempts),
            "taken_over": _taken_over(result),
            "failed": sum(one.outcome in {"failed", "timed_out"} for one in attempts),
            "canceled": sum(one.outcome == "canceled" for one in attempts),
        },
        "recovery": _recovery(result),
        "errors_logged": dict(evidence.errors_logged.most_common()),
        "invariants": {name: len(found) for name, found in result.violations.items()},
        "violations": {
            name: [str(one) for one in found] for name, found in result.violations.items() if found
        },
        "broken": result.broken,
    }


def machine() -> Json:
    """Where it ran."""
    return {
        "processors": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 1024**3),
        "system": _system(),
    }


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform()


def last_end(result: Result) -> float:
    """When the last fault was over."""
    return max((one.ended for one in result.injected if one.ended is not None), default=0.0)


def back(result: Result) -> Back:
    """After the last fault: until all is ready, until a new job is ready, until the last job."""
    end = last_end(result)
    ready = ready_after(result.looks, end)
    last = max(
        (one.first_at for one in result.evidence.sightings.values() if one.type in FINAL_TYPES),
        default=0.0,
    )
    finished = [one.fault.number for one in result.injected if one.ended == end]
    canary = next((one for one in result.recoveries if one.fault in finished), None)
    return Back(
        all_ready=None if ready is None else ready - end,
        canary=canary.until_canary if canary else None,
        last_job=max(0.0, last - end),
    )


def _faults(result: Result) -> Json:
    done = [one for one in result.injected if not one.skipped]
    skipped = {one.fault.kind.value: one.note for one in result.injected if one.skipped}
    kinds = Counter(one.fault.kind.value for one in done)
    return {"all": len(done), "by_kind": dict(kinds.most_common()), "skipped": skipped}


def _jobs(result: Result) -> Json:
    evidence = result.evidence
    answers = next(iter(evidence.answers.values()), {})
    states = Counter(
        str(answers[job].body.get("status")) for job in evidence.accepted_ids if job in answers
    )
    codes = Counter(
        str((answer.body.get("error") or {}).get("code"))
        for answer in answers.values()
        if answer.body.get("status") == "failed"
    )
    doors = Counter(one.order.door.value for one in evidence.promises if one.accepted)
    return {
        "accepted": len(evidence.accepted_ids),
        "by_door": dict(doors.most_common()),
        "by_final_state": {state: states[state] for state in sorted(FINAL) if states[state]},
        "not_final": sum(count for state, count in states.items() if state not in FINAL),
        "failed_by": dict(codes.most_common()),
        "asked_twice": sum(promise.order.twice for promise in evidence.promises),
        "replayed_answers": sum(promise.replayed for promise in evidence.promises),
        "cancels": sum(bool(promise.cancel_answers) for promise in evidence.promises),
        "rejected_commands": sum(not promise.order.valid for promise in evidence.promises),
    }


def _events(result: Result) -> Json:
    sightings = result.evidence.sightings.values()
    again = result.evidence.republished
    said_twice = [
        max(0, one.deliveries - 1 - one.redelivered - again[one.id])
        for one in sightings
        if one.type.startswith("darkroom.media.") and one.exchange == "media.events"
    ]
    return {
        "ids": len(sightings),
        "deliveries": result.deliveries,
        "republished_by_the_driver": sum(again.values()),
        "redelivered_by_the_broker": sum(one.redelivered for one in sightings),
        "said_twice_by_services": sum(said_twice),
        "final_events": sum(one.type in FINAL_TYPES for one in sightings),
        "jobs_with_two_final_ids": _two_finals(result),
    }


def _listeners(result: Result) -> Json:
    hearing = result.evidence.hearing
    [everything, *_] = [*hearing.heard.streams.values(), ()]
    followed = {name: len(streams) for name, streams in hearing.heard.jobs.items()}
    return {
        "events_on_the_stream_of_everything": len(everything),
        "times_it_was_cut_off_and_resumed": hearing.interruptions,
        "jobs_followed": followed,
        "webhook_calls": hearing.calls,
        "webhook_calls_refused_on_purpose": hearing.refused_calls,
        "webhook_calls_for_what_was_taken_already": hearing.repeated_calls,
    }


def _doubts(result: Result) -> Json:
    evidence = result.evidence
    decided = Counter(one for many in evidence.decisions.values() for one in many)
    return {"orders_taken_by_the_provider": evidence.taken.total(), "decided": dict(decided)}


def _two_finals(result: Result) -> int:
    jobs = Counter(
        one.subject for one in result.evidence.sightings.values() if one.type in FINAL_TYPES
    )
    return sum(count > 1 for count in jobs.values())


def _taken_over(result: Result) -> int:
    """Lost attempts that another one followed."""
    return sum(
        one.outcome == "lost" and not one.released and one.number < len(attempts)
        for attempts in result.evidence.attempts.values()
        for one in attempts
    )


def _recovery(result: Result) -> Json:
    last = back(result)
    names = {
        service: [f"{service}-{n}" for n in range(1, count + 1)]
        for service, count in result.options.replicas.items()
    }
    waits = [promise.waited for promise in result.evidence.promises if promise.waited is not None]
    return {
        "after_the_last_fault": {
            "all_ready": _rounded(last.all_ready),
            "a_new_job_is_ready": _rounded(last.canary),
            "the_last_job_is_final": _rounded(last.last_job),
        },
        "after_each_fault": [_one(result, recovery) for recovery in result.recoveries],
        "longest_without_any_ready": {
            service: round(longest_away(result.looks, group), 1) for service, group in names.items()
        },
        "not_ready": [
            {
                "process": spell.name,
                "from": round(spell.began, 1),
                "to": round(spell.ended, 1),
                "why": list(spell.why),
            }
            for spell in spells(result.looks)
        ],
        "longest_wait_for_a_promise": _rounded(max(waits, default=None)),
        "tries_refused": dict(Counter(why for _, why in result.refusals).most_common()),
    }


def _one(result: Result, recovery: Recovery) -> Json:
    injected = next(one for one in result.injected if one.fault.number == recovery.fault)
    ended = injected.ended or 0.0
    return {
        "fault": str(injected.fault),
        "began": round(injected.began, 1),
        "ended": round(ended, 1),
        "note": injected.note,
        "all_ready": _rounded(recovery.until_ready),
        "a_new_job_is_ready": _rounded(recovery.until_canary),
        "overlapped": recovery.overlapped,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def log_lines(logs: Path, subject: str, most: int = 12) -> list[str]:
    """What the processes said about a job, an order or an event: `file: line`."""
    found = []
    for log in sorted(logs.glob("*.log")):
        with log.open(errors="replace") as lines:
            found += [f"{log.name}: {line.strip()[:400]}" for line in lines if subject in line]
    return found[:most]
