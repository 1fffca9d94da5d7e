"""The api's ordered log of events, from which live streams are fed."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.invariants.ends import final_events
from tests.chaos.invariants.violation import Violation
from tests.chaos.observer import FINAL_TYPES


def check_event_log(evidence: Evidence) -> Iterator[Violation]:
    """No id twice; one final event a job, the one that the listener heard."""
    for event_id, times in Counter(line.event_id for line in evidence.log).items():
        if times > 1:
            yield Violation(event_id, "once in the log", f"{times} times")
    finals = defaultdict(list)
    for line in evidence.log:
        if line.type in FINAL_TYPES:
            finals[line.job_id].append(line.event_id)
    heard = final_events(evidence)
    for job_id in sorted(evidence.accepted_ids):
        if len(finals[job_id]) != 1:
            yield Violation(job_id, "one final event in the log", f"{finals[job_id]}")
        elif finals[job_id] != [sighting.id for sighting in heard[job_id]]:
            told = [sighting.id for sighting in heard[job_id]]
            yield Violation(job_id, f"the final event that was heard {told}", f"{finals[job_id]}")
