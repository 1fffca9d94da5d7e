"""The judge is judged: a clean run has no violations, and every planted one is found."""

from dataclasses import replace

import pytest

from tests.chaos.builders import (
    APIS,
    CANCELED,
    EXPIRED,
    FAILED,
    LATE,
    READY,
    a_clean_run,
    a_sighting,
    see,
)
from tests.chaos.evidence import (
    Answer,
    ApiJob,
    AssetRow,
    AttemptRow,
    DeadLetter,
    Evidence,
    GeneratorJob,
    LoggedEvent,
    VerdictRow,
)
from tests.chaos.hearing_lies import HEARING_LIES, Lie
from tests.chaos.invariants import INVARIANTS, violations
from tests.chaos.orders import Door, Order
from tests.chaos.promises import Promise


def _answer_nobody(evidence: Evidence) -> None:
    evidence.promises.append(Promise(Order("forgotten", 0.0, Door.HTTP, {})))


def _lose_a_job(evidence: Evidence) -> None:
    del evidence.jobs[READY]


def _lose_a_command(evidence: Evidence) -> None:
    evidence.promises.append(Promise(Order("unheard", 0.0, Door.COMMAND, {}), accepted_at=1.0))


def _tell_two_ids(evidence: Evidence) -> None:
    evidence.promises[0].job_ids.add(FAILED)


def _make_an_order_twice(evidence: Evidence) -> None:
    evidence.jobs["twin"] = replace(evidence.jobs[READY], id="twin")


def _use_a_key_twice(evidence: Evidence) -> None:
    evidence.keys.append((evidence.promises[0].order.key, FAILED))


def _make_up_a_job(evidence: Evidence) -> None:
    evidence.jobs["nobody's"] = ApiJob("nobody's", "ready", None, "nobody's", max_attempts=5)


def _accept_an_invalid_command(evidence: Evidence) -> None:
    evidence.jobs["invalid"] = ApiJob("invalid", "ready", "order-invalid", "c", max_attempts=5)


def _work_for_nobody(evidence: Evidence) -> None:
    evidence.generator_jobs["ghost"] = GeneratorJob("ghost", "generated", 0, 0, finished=True)


def _reject_nothing(evidence: Evidence) -> None:
    del evidence.sightings["rejection"]


def _reject_twice(evidence: Evidence) -> None:
    see(evidence, replace(evidence.sightings["rejection"], id="again"))


def _never_end(evidence: Evidence) -> None:
    evidence.answers[APIS[1]][READY].body["status"] = "running"


def _not_found(evidence: Evidence) -> None:
    evidence.answers[APIS[0]][READY] = Answer(404, {})


def _say_nothing_final(evidence: Evidence) -> None:
    del evidence.sightings[f"final-{READY}"]


def _say_two_final_words(evidence: Evidence) -> None:
    see(evidence, a_sighting("another", "failed", READY))


def _say_the_same_with_other_words(evidence: Evidence) -> None:
    evidence.sightings[f"final-{READY}"].words.add("other words")


def _give_no_verdict(evidence: Evidence) -> None:
    del evidence.verdicts[READY]


def _contradict_the_verdict(evidence: Evidence) -> None:
    evidence.verdicts[READY] = replace(evidence.verdicts[READY], outcome="failed")


def _announce_something_else(evidence: Evidence) -> None:
    evidence.verdicts[READY] = replace(evidence.verdicts[READY], event_id="another")


def _change_a_final_state(evidence: Evidence) -> None:
    evidence.seen_final[READY] = {"failed"}


def _cancel_unasked(evidence: Evidence) -> None:
    evidence.promises[2].order = replace(evidence.promises[2].order, cancel_after=None)


def _expire_without_a_deadline(evidence: Evidence) -> None:
    evidence.promises[3].order = replace(evidence.promises[3].order, spec={})


def _fail_for_no_reason(evidence: Evidence) -> None:
    evidence.answers[APIS[0]][FAILED].body["error"]["code"] = "generator_error"


def _skip_a_number(evidence: Evidence) -> None:
    del evidence.attempts[READY][0]


def _lower_a_fence(evidence: Evidence) -> None:
    evidence.attempts[READY][0] = replace(evidence.attempts[READY][0], fence=3)


def _leave_an_attempt_open(evidence: Evidence) -> None:
    evidence.attempts[READY][0] = replace(evidence.attempts[READY][0], ended=False)


def _succeed_twice(evidence: Evidence) -> None:
    evidence.attempts[READY][0] = replace(evidence.attempts[READY][0], outcome="succeeded")


def _try_after_success(evidence: Evidence) -> None:
    evidence.attempts[READY].append(AttemptRow(READY, 3, 3, "lost", ended=True))
    evidence.generator_jobs[READY] = GeneratorJob(READY, "generated", 3, 3, finished=True)


def _try_too_often(evidence: Evidence) -> None:
    evidence.jobs[READY] = replace(evidence.jobs[READY], max_attempts=1)


def _leave_a_job_unfinished(evidence: Evidence) -> None:
    job = evidence.generator_jobs[CANCELED]
    evidence.generator_jobs[CANCELED] = replace(job, finished=False)


def _disagree_without_a_wish(evidence: Evidence) -> None:
    verdict = evidence.verdicts[LATE]
    evidence.verdicts[LATE] = replace(verdict, caused_by=f"cause-{LATE}")


def _forget_a_job_in_the_books(evidence: Evidence) -> None:
    del evidence.generator_jobs[FAILED]


def _record_no_asset(evidence: Evidence) -> None:
    evidence.assets[READY].clear()


def _record_a_result_of_a_failure(evidence: Evidence) -> None:
    evidence.assets[FAILED] = [AssetRow(FAILED, 0, "sha", 1)]


def _record_an_asset_twice(evidence: Evidence) -> None:
    [asset] = evidence.assets[READY]
    evidence.assets[READY].append(replace(asset, position=1))


def _lose_a_file(evidence: Evidence) -> None:
    evidence.store[f"sha-{READY}"] = None


def _damage_a_file(evidence: Evidence) -> None:
    evidence.store[f"sha-{READY}"] = "other bytes"


def _serve_other_bytes(evidence: Evidence) -> None:
    evidence.contents[READY] = Answer(200, sha256="other bytes")


def _serve_nothing(evidence: Evidence) -> None:
    evidence.contents[READY] = Answer(503)


def _log_an_event_twice(evidence: Evidence) -> None:
    evidence.log.append(evidence.log[0])


def _log_two_final_events(evidence: Evidence) -> None:
    evidence.log.append(LoggedEvent("another", READY, "darkroom.media.failed.v1"))


def _log_no_final_event(evidence: Evidence) -> None:
    del evidence.log[0]


def _keep_something_in_an_outbox(evidence: Evidence) -> None:
    evidence.outboxes["notifier"] = 1


def _keep_something_in_a_queue(evidence: Evidence) -> None:
    evidence.queues["api.progress"] = 1


def _keep_a_wish(evidence: Evidence) -> None:
    evidence.pending_ends = 1


def _throw_something_away(evidence: Evidence) -> None:
    evidence.dead_letters.append(DeadLetter("1", "api.progress", "handler_error", "message"))


def _stay_away(evidence: Evidence) -> None:
    evidence.not_ready["api-1"] = "does not answer"


def _crash(evidence: Evidence) -> None:
    evidence.endings.append(("api-1", "exit code 1"))


def _lack_a_replica(evidence: Evidence) -> None:
    evidence.nodes = 3


def _expire_what_was_never_known(evidence: Evidence) -> None:
    evidence.verdicts["ghost"] = VerdictRow("ghost", "expired", "event", "cause")


LIES: dict[str, list[Lie]] = {
    "every client got an answer": [_answer_nobody],
    "every accepted order is a job": [_lose_a_job, _lose_a_command],
    "one job for each idempotency key and command": [
        _tell_two_ids,
        _make_an_order_twice,
        _use_a_key_twice,
    ],
    "no job that nobody asked for": [
        _make_up_a_job,
        _accept_an_invalid_command,
        _work_for_nobody,
        _expire_what_was_never_known,
    ],
    "commands that cannot be accepted are rejected, once": [_reject_nothing, _reject_twice],
    "every accepted job is final, on every api": [_never_end, _not_found],
    "exactly one final event id a job": [
        _say_nothing_final,
        _say_two_final_words,
        _say_the_same_with_other_words,
    ],
    "HTTP, verdict and final event agree": [
        _give_no_verdict,
        _contradict_the_verdict,
        _announce_something_else,
    ],
    "a final state never changes": [_change_a_final_state],
    "every job ended in a way that its order explains": [
        _cancel_unasked,
        _expire_without_a_deadline,
        _fail_for_no_reason,
    ],
    "attempts: no gaps, none open, one success, within the limit": [
        _skip_a_number,
        _lower_a_fence,
        _leave_an_attempt_open,
        _succeed_twice,
        _try_after_success,
        _try_too_often,
        _leave_a_job_unfinished,
    ],
    "the generator agrees with the verdict, but for late results": [
        _disagree_without_a_wish,
        _forget_a_job_in_the_books,
    ],
    "one recorded result": [
        _record_no_asset,
        _record_a_result_of_a_failure,
        _record_an_asset_twice,
    ],
    "every asset is in the store, and is served": [
        _lose_a_file,
        _damage_a_file,
        _serve_other_bytes,
        _serve_nothing,
    ],
    "event log: no id twice, one final event a job": [
        _log_an_event_twice,
        _log_two_final_events,
        _log_no_final_event,
    ],
    **HEARING_LIES,
    "outboxes and queues are empty": [
        _keep_something_in_an_outbox,
        _keep_something_in_a_queue,
        _keep_a_wish,
    ],
    "no dead letters": [_throw_something_away],
    "no process ends but by our hand, and politely when asked to": [_crash],
    "everything is ready": [_stay_away],
    "every queue has all its replicas": [_lack_a_replica],
}
PLANTED = [(invariant, lie) for invariant, lies in LIES.items() for lie in lies]


def test_a_clean_run_has_no_violations() -> None:
    assert not {name: found for name, found in violations(a_clean_run()).items() if found}


def test_every_invariant_is_tried() -> None:
    assert LIES.keys() == INVARIANTS.keys()


@pytest.mark.parametrize(
    ("invariant", "lie"), PLANTED, ids=[lie.__name__.strip("_") for _, lie in PLANTED]
)
def test_a_planted_violation_is_found(invariant: str, lie: Lie) -> None:
    evidence = a_clean_run()
    lie(evidence)
    assert violations(evidence)[invariant], f"{invariant}: not found"


def test_an_attempt_in_doubt_is_not_one_too_many() -> None:
    evidence = a_clean_run()
    _try_too_often(evidence)
    lost = evidence.attempts[READY][0]
    evidence.attempts[READY][0] = replace(lost, failure="outcome_unknown")
    assert not violations(evidence)["attempts: no gaps, none open, one success, within the limit"]


def test_a_violation_names_the_job_what_was_expected_and_what_was_seen() -> None:
    evidence = a_clean_run()
    _say_two_final_words(evidence)
    [violation] = violations(evidence)["exactly one final event id a job"]
    assert violation.subject == READY
    assert violation.expected == "exactly one final event id"
    assert "darkroom.media.failed.v1 another" in violation.seen


def test_what_the_generator_made_after_the_notifiers_own_word_is_no_violation() -> None:
    evidence = a_clean_run()
    assert evidence.generator_jobs[LATE].status == "generated"
    assert evidence.verdicts[LATE].outcome == "canceled"
    assert evidence.generator_jobs[EXPIRED].status == "canceled"
