"""Whoever listens, in whichever way, hears the same."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.invariants.violation import Violation
from tests.hearing import disagreements


def check_everybody_hears_the_same(evidence: Evidence) -> Iterator[Violation]:
    """Live events of everything and of single jobs, an AMQP queue, a webhook endpoint."""
    for one in disagreements(evidence.hearing.heard, evidence.accepted_ids):
        yield Violation(*one)


def check_callbacks(evidence: Evidence) -> Iterator[Violation]:
    """Orders that name an address for themselves are called there, and no others."""
    wanted = {promise.order.id for promise in evidence.promises if promise.order.called_back}
    jobs = {job.id for job in evidence.jobs.values() if job.order in wanted}
    verdicts = {job_id: evidence.verdicts[job_id] for job_id in jobs & evidence.verdicts.keys()}
    expected = {verdict.event_id for verdict in verdicts.values()}
    heard = {word.id: word for word in evidence.hearing.called_back}
    for event_id in sorted(expected - heard.keys()):
        yield Violation(event_id, "to be called back", "no call")
    for event_id in sorted(heard.keys() - expected):
        yield Violation(heard[event_id].job_id, "no call of its own", f"{event_id}")


def check_orders_at_the_provider(evidence: Evidence) -> Iterator[Violation]:
    """Nothing is ordered twice that nobody has ordered twice: whoever decides has looked."""
    for order, times in sorted(evidence.taken.items()):
        if times > 1:
            decided = ", ".join(evidence.decisions.get(order, ())) or "nothing"
            yield Violation(order, "one order at the provider", f"{times}; decided: {decided}")


def check_doubts(evidence: Evidence) -> Iterator[Violation]:
    """What somebody has given up has not been made; nothing is in doubt at rest."""
    states = Counter(job.status for job in evidence.jobs.values())
    if states["needs_reconciliation"]:
        yield Violation("jobs", "none in doubt", f"{states['needs_reconciliation']}")
    for job in evidence.jobs.values():
        decided = evidence.decisions.get(job.order or "", ())
        if "fail" in decided and job.status == "ready":
            yield Violation(job.id, "no result of what was given up", f"ready; decided: {decided}")
