"""The files: what is ready can be had, and is what its hash says."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.invariants.violation import Violation


def check_store(evidence: Evidence) -> Iterator[Violation]:
    """On the disk and over HTTP, for every job that is ready."""
    [answers, *_] = [*evidence.answers.values(), {}]
    for job_id, answer in answers.items():
        if answer.body.get("status") != "ready":
            continue
        told = [asset["sha256"] for asset in answer.body["assets"]]
        recorded = [asset.sha256 for asset in evidence.assets.get(job_id, ())]
        if told != recorded or not told:
            yield Violation(job_id, f"the assets that were recorded {recorded}", f"{told}")
        for sha256 in told:
            if evidence.store.get(sha256) != sha256:
                found = evidence.store.get(sha256) or "no file"
                yield Violation(job_id, f"a file in the store with the hash {sha256}", found)
        content = evidence.contents.get(job_id)
        if content is None or content.status != 200 or content.sha256 not in told:
            yield Violation(job_id, f"content with the hash {told}", f"{content}")
