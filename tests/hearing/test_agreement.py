"""The judge is judged: listeners who agree are believed, and every planted lie is found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.hearing import Heard, Word, disagreements

JOB, OTHER = "job", "other"


def a_word(kind: str, job_id: str = JOB, *, attempt: int | None = None, stage: int = 1) -> Word:
    event_id = f"{kind}-{job_id}-{attempt or 0}"
    place = None if attempt is None else (attempt, stage)
    return Word(event_id, f"darkroom.media.{kind}.v1", job_id, said=event_id, place=place)


def a_life(job_id: str = JOB) -> list[Word]:
    return [
        a_word("requested", job_id),
        a_word("started", job_id, attempt=1),
        a_word("cancel_requested", job_id),
        a_word("retrying", job_id, attempt=1, stage=2),
        a_word("started", job_id, attempt=2),
        a_word("ready", job_id),
    ]


def an_agreement() -> Heard:
    """Two jobs, and somebody else's in between."""
    ends = [a_word("ready", OTHER), a_word("ready", JOB)]
    strange = a_word("failed", "somebody else's")
    return Heard(
        streams={"stream": [*a_life(), strange, *a_life(OTHER)]},
        jobs={"its own": {JOB: a_life(), OTHER: a_life(OTHER)}},
        others={"queue": [*ends, *ends], "webhooks": ends},
    )


def _told(heard: Heard, listener: str) -> list[Word]:
    """What that listener heard, to be changed."""
    for group in (heard.streams, heard.jobs["its own"], heard.others):
        if listener in group:
            changed = list(group[listener])
            group[listener] = changed
            return changed
    raise KeyError(listener)


def _drop(listener: str, word: Word) -> Callable[[Heard], None]:
    return lambda heard: _told(heard, listener).remove(word)


def _put(listener: str, place: int, word: Word) -> Callable[[Heard], None]:
    return lambda heard: _told(heard, listener).insert(place, word)


READY = a_word("ready")
LIES = {
    "a stream that leaves an end out": (_drop("stream", READY), "stream to hear"),
    "a webhook that never comes": (_drop("webhooks", READY), "webhooks to hear"),
    "a queue that hears nothing of it": (
        lambda heard: heard.others.update(queue=[a_word("ready", OTHER)]),
        "queue to hear",
    ),
    "a webhook with an id of its own": (
        _put("webhooks", 0, replace(READY, id="another")),
        "one final id",
    ),
    "two ends": (_put("queue", 0, a_word("failed")), "one final id"),
    "an event that is told again": (_put("stream", 6, READY), "once at stream"),
    "an event that is told again to its own": (_put(JOB, 6, READY), "once at its own"),
    "a beginning that is left out": (_drop("stream", a_word("requested")), "begin with"),
    "an attempt that goes back": (
        _put("stream", 5, a_word("retrying", attempt=1, stage=1)),
        "in their order at stream",
    ),
    "news of a job that has ended": (
        _put("stream", 6, a_word("started", attempt=3)),
        "behind its end",
    ),
    "a stream of its own without an end": (_drop(JOB, READY), "how it ended"),
    "a stream of its own that says less": (_drop(JOB, a_word("started", attempt=2)), "to say what"),
    "other words under the same id": (
        _put("queue", 0, replace(READY, said="something else")),
        "the same words",
    ),
    "a refusal": (lambda heard: heard.complaints.append("400"), "to be served"),
}


def test_listeners_who_agree_are_believed() -> None:
    assert list(disagreements(an_agreement(), {JOB, OTHER})) == []


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_found(lie: str) -> None:
    tell, expected = LIES[lie]
    heard = an_agreement()
    tell(heard)
    found = list(disagreements(heard, {JOB, OTHER}))
    assert any(expected in one.expected for one in found), found


def test_a_job_that_nobody_heard_of_is_missed() -> None:
    assert list(disagreements(Heard(), {JOB}))
