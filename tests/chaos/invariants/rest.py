"""At rest: nothing waits, nothing was thrown aside, everybody is well."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.invariants.violation import Violation


def check_nothing_waits(evidence: Evidence) -> Iterator[Violation]:
    """Outboxes, queues and wishes are empty."""
    for service, count in evidence.outboxes.items():
        if count:
            yield Violation(f"outbox of {service}", "to be empty", f"{count} rows")
    for queue, count in evidence.queues.items():
        if count:
            yield Violation(f"queue {queue}", "to be empty", f"{count} messages")
    if evidence.pending_ends:
        yield Violation("notifier", "no wish that waits", f"{evidence.pending_ends}")


def check_dead_letters(evidence: Evidence) -> Iterator[Violation]:
    """Nothing in a run is poison: whatever became a dead letter was not handled as it should be."""
    for letter in evidence.dead_letters:
        seen = f"{letter.error_code} in {letter.queue}: {letter.error_message[:200]}"
        yield Violation(letter.message_id or letter.id, "no dead letters", seen)


def check_everything_is_ready(evidence: Evidence) -> Iterator[Violation]:
    """By each process's own word."""
    for name, why in evidence.not_ready.items():
        yield Violation(name, "to be ready", why)


def check_endings(evidence: Evidence) -> Iterator[Violation]:
    """Killed by us, or told to stop and gone with exit code 0: no process ends in another way."""
    for name, how in evidence.endings:
        if how not in {"exit code 0", "killed by signal 9"}:
            yield Violation(name, "to end by kill -9, or by SIGTERM with exit code 0", how)


def check_replicas(evidence: Evidence) -> Iterator[Violation]:
    """In a cluster a queue that lives on one node only would be lost with it."""
    for queue, online in evidence.replicas.items():
        if online != evidence.nodes:
            yield Violation(f"queue {queue}", f"{evidence.nodes} replicas online", f"{online}")
