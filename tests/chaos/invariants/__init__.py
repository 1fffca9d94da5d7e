"""What must hold when all has come to rest, whatever was broken: one function for each promise.

They look at nothing but the evidence. tests/chaos/test_invariants.py plants violations of every
kind and sees them found, so that a green run means something.
"""

from collections.abc import Callable, Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.invariants.attempts import (
    check_attempts,
    check_late_results,
    check_recorded_results,
)
from tests.chaos.invariants.ends import (
    check_every_job_is_final,
    check_final_states_are_explained,
    check_final_states_never_changed,
    check_one_final_event,
    check_verdicts,
)
from tests.chaos.invariants.entrance import (
    check_accepted_jobs_exist,
    check_invalid_commands_are_rejected,
    check_nobody_is_left_without_an_answer,
    check_nothing_is_made_up,
    check_one_job_per_order,
)
from tests.chaos.invariants.hearing import (
    check_callbacks,
    check_doubts,
    check_everybody_hears_the_same,
    check_orders_at_the_provider,
)
from tests.chaos.invariants.log import check_event_log
from tests.chaos.invariants.rest import (
    check_dead_letters,
    check_endings,
    check_everything_is_ready,
    check_nothing_waits,
    check_replicas,
)
from tests.chaos.invariants.store import check_store
from tests.chaos.invariants.violation import Violation

Invariant = Callable[[Evidence], Iterator[Violation]]

INVARIANTS: dict[str, Invariant] = {
    "every client got an answer": check_nobody_is_left_without_an_answer,
    "every accepted order is a job": check_accepted_jobs_exist,
    "one job for each idempotency key and command": check_one_job_per_order,
    "no job that nobody asked for": check_nothing_is_made_up,
    "commands that cannot be accepted are rejected, once": check_invalid_commands_are_rejected,
    "every accepted job is final, on every api": check_every_job_is_final,
    "exactly one final event id a job": check_one_final_event,
    "HTTP, verdict and final event agree": check_verdicts,
    "a final state never changes": check_final_states_never_changed,
    "every job ended in a way that its order explains": check_final_states_are_explained,
    "attempts: no gaps, none open, one success, within the limit": check_attempts,
    "the generator agrees with the verdict, but for late results": check_late_results,
    "one recorded result": check_recorded_results,
    "every asset is in the store, and is served": check_store,
    "event log: no id twice, one final event a job": check_event_log,
    "everybody hears the same ends, each once, in order": check_everybody_hears_the_same,
    "orders that name an address are called back there": check_callbacks,
    "nothing is ordered twice at a provider": check_orders_at_the_provider,
    "doubts are decided, and what is given up is not made": check_doubts,
    "outboxes and queues are empty": check_nothing_waits,
    "no dead letters": check_dead_letters,
    "no process ends but by our hand, and politely when asked to": check_endings,
    "everything is ready": check_everything_is_ready,
    "every queue has all its replicas": check_replicas,
}


def violations(evidence: Evidence) -> dict[str, list[Violation]]:
    """Every invariant by name, and what speaks against it; empty lists: all of them hold."""
    return {name: list(check(evidence)) for name, check in INVARIANTS.items()}


__all__ = ["INVARIANTS", "Violation", "violations"]
