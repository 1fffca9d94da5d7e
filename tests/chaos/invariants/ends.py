"""How jobs ended: every one, once, and everybody says the same."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.invariants.violation import Violation
from tests.chaos.observer import FINAL_TYPES, Sighting

FINAL = frozenset(FINAL_TYPES.values())


def check_every_job_is_final(evidence: Evidence) -> Iterator[Violation]:
    """Asked over HTTP, at every api."""
    for api, answers in evidence.answers.items():
        for job_id in sorted(evidence.accepted_ids):
            answer = answers.get(job_id)
            if answer is None or answer.status != 200:
                seen = "no answer" if answer is None else f"{answer.status} {answer.body}"
                yield Violation(job_id, f"to be answered by {api}", seen)
            elif answer.body["status"] not in FINAL:
                yield Violation(job_id, "a final state", f"{answer.body['status']} at {api}")


def check_one_final_event(evidence: Evidence) -> Iterator[Violation]:
    """As the independent listener heard it: one id, and the same words however often it came."""
    finals = final_events(evidence)
    for job_id in sorted(evidence.accepted_ids | finals.keys()):
        heard = finals[job_id]
        if len(heard) != 1:
            seen = ", ".join(f"{one.type} {one.id}" for one in heard) or "none"
            yield Violation(job_id, "exactly one final event id", seen)
        for sighting in heard:
            if len(sighting.words) > 1:
                seen = f"{len(sighting.words)} different ones under {sighting.id}"
                yield Violation(job_id, "one final event, word for word", seen)


def check_verdicts(evidence: Evidence) -> Iterator[Violation]:
    """Status over HTTP, the notifier's verdict and the final event on the wire."""
    finals = final_events(evidence)
    for job_id in sorted(evidence.accepted_ids):
        verdict = evidence.verdicts.get(job_id)
        if verdict is None:
            yield Violation(job_id, "a verdict of the notifier", "none")
            continue
        for api, answers in evidence.answers.items():
            status = answers[job_id].body.get("status") if job_id in answers else None
            if status != verdict.outcome:
                seen = f"{status} at {api}"
                yield Violation(job_id, f"{verdict.outcome}, as the verdict says", seen)
        for sighting in finals[job_id]:
            said = (FINAL_TYPES[sighting.type], sighting.id)
            if said != (verdict.outcome, verdict.event_id):
                expected = f"the event {verdict.event_id} ({verdict.outcome})"
                yield Violation(job_id, expected, f"{sighting.id} ({sighting.type})")


def check_final_states_never_changed(evidence: Evidence) -> Iterator[Violation]:
    """What people were told while the run went on is what they are told now."""
    for job_id, seen in evidence.seen_final.items():
        now = {
            str(answers[job_id].body.get("status"))
            for answers in evidence.answers.values()
            if job_id in answers
        }
        if len(seen | now) > 1:
            changed = f"{', '.join(sorted(seen))}, then {', '.join(sorted(now))}"
            yield Violation(job_id, "one final state for ever", changed)


def check_final_states_are_explained(evidence: Evidence) -> Iterator[Violation]:
    """Canceled only if somebody asked for it, expired only with a deadline, failed for a reason."""
    promises = {promise.order.id: promise for promise in evidence.promises}
    [answers, *_] = [*evidence.answers.values(), {}]
    for job in evidence.jobs.values():
        promise = promises.get(job.order or "")
        if promise is None or job.id not in answers:
            continue
        body = answers[job.id].body
        status, error = body.get("status"), body.get("error") or {}
        if status in FINAL and status not in promise.order.may_end:
            allowed = ", ".join(sorted(promise.order.may_end))
            yield Violation(job.id, allowed, f"{status} ({error.get('message')})")
        elif status == "failed" and error.get("code") not in promise.order.failures:
            allowed = ", ".join(sorted(promise.order.failures))
            yield Violation(
                job.id, f"to fail by {allowed}", f"{error.get('code')}: {error.get('message')}"
            )


def final_events(evidence: Evidence) -> defaultdict[str, list[Sighting]]:
    """The final events that were heard, by job."""
    finals: defaultdict[str, list[Sighting]] = defaultdict(list)
    for sighting in evidence.sightings.values():
        if sighting.type in FINAL_TYPES and sighting.subject is not None:
            finals[sighting.subject].append(sighting)
    return finals
