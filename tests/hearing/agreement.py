"""What must hold between listeners: everybody hears the same ends, each once, and in order."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tests.hearing.words import Word


class Disagreement(NamedTuple):
    """`subject` is a job or an event: what the logs speak of."""

    subject: str
    expected: str
    seen: str


@dataclass
class Heard:
    """What every listener has heard, by its name, in its order."""

    streams: dict[str, Sequence[Word]] = field(default_factory=dict)
    """Of everything, from before the load on."""
    jobs: dict[str, dict[str, Sequence[Word]]] = field(default_factory=dict)
    """Streams of single jobs, from beginning to end: by who listened, then by job."""
    others: dict[str, Sequence[Word]] = field(default_factory=dict)
    """At least once each, in any order: queues, webhooks."""
    complaints: list[str] = field(default_factory=list)
    """What listeners were told that they should never be told."""


def disagreements(heard: Heard, jobs: Iterable[str]) -> Iterator[Disagreement]:
    """Everything that speaks against it, of these jobs."""
    wanted = frozenset(jobs)
    listeners = {**heard.streams, **heard.others}
    yield from _check_ends(listeners, wanted)
    for name, words in heard.streams.items():
        yield from _check_once(name, words, wanted)
        by_job = defaultdict(list)
        for word in words:
            by_job[word.job_id].append(word)
        for job_id in sorted(wanted):
            yield from _check_order(name, job_id, by_job[job_id])
    yield from _check_own_streams(heard, wanted)
    own = [words for streams in heard.jobs.values() for words in streams.values()]
    yield from _check_words([*listeners.values(), *own], wanted)
    for complaint in heard.complaints:
        yield Disagreement("listeners", "to be served", complaint)


def _check_ends(
    listeners: Mapping[str, Sequence[Word]], wanted: frozenset[str]
) -> Iterator[Disagreement]:
    """The same set of ids everywhere, one for each job."""
    finals = {
        name: {word.id: word for word in words if word.final and word.job_id in wanted}
        for name, words in listeners.items()
    }
    everything = {event_id: word for heard in finals.values() for event_id, word in heard.items()}
    for name, heard in finals.items():
        for event_id in sorted(everything.keys() - heard.keys()):
            word = everything[event_id]
            yield Disagreement(word.job_id, f"{name} to hear {word.type} {event_id}", "never")
    ids = Counter(word.job_id for word in everything.values())
    for job_id in sorted(wanted):
        if ids[job_id] != 1:
            yield Disagreement(job_id, "one final id, told to somebody", f"{ids[job_id]}")


def _check_once(name: str, words: Sequence[Word], wanted: frozenset[str]) -> Iterator[Disagreement]:
    """A stream that is resumed tells nothing again."""
    for event_id, times in Counter(one.id for one in words if one.job_id in wanted).items():
        if times > 1:
            yield Disagreement(event_id, f"once at {name}", f"{times} times")


def _check_order(name: str, job_id: str, words: Sequence[Word]) -> Iterator[Disagreement]:
    """From its request to its end; attempts in turn, and nothing of a job that has ended."""
    told = " > ".join(word.type.split(".")[2] for word in words)
    if not words or not words[0].first:
        yield Disagreement(job_id, f"to begin with its request at {name}", told or "nothing")
    if any(word.final for word in words[:-1]):
        yield Disagreement(job_id, f"nothing behind its end at {name}", told)
    places = [word.place for word in words if word.place is not None]
    if any(after <= before for before, after in pairwise(places)):
        yield Disagreement(job_id, f"attempts in their order at {name}", f"{told} {places}")


def _check_own_streams(heard: Heard, wanted: frozenset[str]) -> Iterator[Disagreement]:
    """A job's own stream: once, in order, to its end, and what the stream of everything said."""
    for name, streams in heard.jobs.items():
        for job_id in sorted(streams.keys() & wanted):
            words = streams[job_id]
            yield from _check_once(name, words, wanted)
            yield from _check_order(name, job_id, words)
            if not words or not words[-1].final:
                yield Disagreement(job_id, f"{name} to tell how it ended", "it did not")
            ids = [word.id for word in words]
            for other, everything in heard.streams.items():
                same = [word.id for word in everything if word.job_id == job_id]
                if ids != same:
                    yield Disagreement(job_id, f"{name} to say what {other} says: {same}", f"{ids}")


def _check_words(
    listeners: Iterable[Sequence[Word]], wanted: frozenset[str]
) -> Iterator[Disagreement]:
    """The same id says the same thing to everybody."""
    said = defaultdict(set)
    for words in listeners:
        for word in words:
            if word.job_id in wanted:
                said[word.id].add(word.said)
    for event_id, versions in sorted(said.items()):
        if len(versions) > 1:
            yield Disagreement(event_id, "the same words for everybody", f"{len(versions)} sets")
