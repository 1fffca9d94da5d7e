"""Lies about listeners and doubts, for the test of the judge (`test_invariants`)."""

from collections.abc import Callable
from dataclasses import replace

from tests.chaos.builders import CANCELED, FAILED, READY, a_word
from tests.chaos.evidence import Evidence

Lie = Callable[[Evidence], None]


def _stream_no_end(evidence: Evidence) -> None:
    streams = evidence.hearing.heard.streams
    streams["/v1/events"] = [one for one in streams["/v1/events"] if one.id != f"final-{READY}"]


def _call_nobody(evidence: Evidence) -> None:
    evidence.hearing.heard.others["a webhook endpoint"] = []


def _call_with_another_id(evidence: Evidence) -> None:
    calls = evidence.hearing.heard.others["a webhook endpoint"]
    evidence.hearing.heard.others["a webhook endpoint"] = [
        *calls,
        a_word(READY, "ready", "another"),
    ]


def _refuse_to_resume(evidence: Evidence) -> None:
    evidence.hearing.heard.complaints.append("400 unknown_position")


def _call_nobody_back(evidence: Evidence) -> None:
    evidence.hearing.called_back = []


def _call_back_unasked(evidence: Evidence) -> None:
    evidence.hearing.called_back = [
        *evidence.hearing.called_back,
        a_word(FAILED, "failed", f"final-{FAILED}"),
    ]


def _order_twice(evidence: Evidence) -> None:
    evidence.taken[evidence.promises[0].order.id] = 2


def _make_what_was_given_up(evidence: Evidence) -> None:
    evidence.decisions[evidence.promises[0].order.id].append("fail")


def _leave_a_doubt(evidence: Evidence) -> None:
    evidence.jobs[CANCELED] = replace(evidence.jobs[CANCELED], status="needs_reconciliation")


HEARING_LIES: dict[str, list[Lie]] = {
    "everybody hears the same ends, each once, in order": [
        _stream_no_end,
        _call_nobody,
        _call_with_another_id,
        _refuse_to_resume,
    ],
    "orders that name an address are called back there": [_call_nobody_back, _call_back_unasked],
    "nothing is ordered twice at a provider": [_order_twice],
    "doubts are decided, and what is given up is not made": [
        _make_what_was_given_up,
        _leave_a_doubt,
    ],
}
