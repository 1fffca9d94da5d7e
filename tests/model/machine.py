"""The machine: all that can happen to jobs, in any order, on the services' own statements.

Each rule is one step of one participant; `world` carries it out and compares it with the model. At
the end everything comes to rest: then every job has ended, once.
"""

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    multiple,
    precondition,
    rule,
)

from shared.events import Lane, Resolution
from tests.model.actors import LEASE
from tests.model.broker import CONTROL, OUTCOMES, REQUESTS, Fault
from tests.model.ledger import Hand
from tests.model.misfortunes import Ending, Reaper, Report
from tests.model.stage import Stage
from tests.model.world import World

MOST_JOBS = 6
MOST_WORDS = 6


class Request(NamedTuple):
    """What a card is asked for with; seconds until it is to have begun, and to have ended."""

    lane: Lane
    max_attempts: int
    start_within: int | None
    end_within: int | None


REQUEST = st.builds(
    Request,
    st.sampled_from(Lane),
    st.sampled_from([3, 2, 1]),
    st.sampled_from([None, None, 45]),
    st.sampled_from([None, None, 150]),
)
SLOTS = st.integers(1, 3)
PICKS = st.lists(st.integers(-4, -1), min_size=1, max_size=3, unique=True)
SECONDS = st.sampled_from([31, 5, 10, 20, 61])
ENDINGS = st.sampled_from([Ending.ACKED, *Ending])
FAULTS = st.sampled_from([Fault.NONE, Fault.NONE, Fault.NONE, *Fault])
SELDOM = st.sampled_from([False, False, True])
HANDS: Bundle[Hand] = Bundle("hands")
REPORTS = st.lists(
    st.tuples(HANDS, st.sampled_from(Report)),
    min_size=1,
    max_size=3,
    unique_by=lambda report: id(report[0]),
)

Answer = TypeVar("Answer")


class EveryRule:
    """Instead of Hypothesis's choice of rules, which leaves out half of them in each example.

    The life of a job needs most of them: else four examples of five would not make anything.
    """

    def is_enabled(self, rule: str) -> bool:
        return True


class CoreMachine(RuleBasedStateMachine):
    """Requests, workers, wishes, a broker and time, as bad as they may be."""

    jobs: Bundle[UUID] = Bundle("jobs")
    hands: Bundle[Hand] = HANDS

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._rules_strategy.enabled_rules_strategy = st.just(cast(Any, EveryRule()))
        self._stage = stage
        self._sound = True
        stage.run(stage.reset())
        self.world = World(stage)
        self.api = self.world.api

    def teardown(self) -> None:
        """Come to rest, unless the example has failed already."""
        if self._sound:
            self._stage.run(self.world.rest())

    @initialize(target=jobs, requests=st.lists(REQUEST, min_size=1, max_size=3))
    def jobs_wait(self, requests: list[Request]) -> MultipleResults[UUID]:
        accepted = [self.api.accept(*request) for request in requests]
        self._step(self.world.handle(REQUESTS, range(len(requests)), Ending.ACKED))
        return multiple(*accepted)

    # What people want.

    @precondition(lambda self: len(self.api.accepted) < MOST_JOBS)
    @rule(target=jobs, request=REQUEST, heard=st.booleans())
    def is_requested(self, request: Request, heard: bool) -> UUID:
        job = self.api.accept(*request)
        self._newest_is(heard, REQUESTS)
        return job

    @precondition(lambda self: self.api.wanted)
    @rule(job=jobs, heard=st.booleans())
    def is_unwanted(self, job: UUID, heard: bool) -> None:
        self.api.cancel(job)
        self._newest_is(heard, CONTROL)

    @precondition(lambda self: self.api.overdue)
    @rule(heard=st.booleans())
    def deadlines_are_announced(self, heard: bool) -> None:
        self.api.announce_deadlines()
        self._newest_is(heard, CONTROL)

    @precondition(lambda self: self.api.words < MOST_WORDS)
    @rule(paused=SELDOM, heard=st.booleans())
    def operators_speak(self, paused: bool, heard: bool) -> None:
        if paused:
            self.api.pause()
        else:
            self.api.resume()
        self._newest_is(heard, CONTROL)

    @precondition(lambda self: self.world.ledger.parked)
    @rule(pick=st.integers(0, 5), resolution=st.sampled_from(Resolution), heard=st.booleans())
    def somebody_decides(self, pick: int, resolution: Resolution, heard: bool) -> None:
        parked = list(self.world.ledger.parked.items())
        job, attempt = parked[pick % len(parked)]
        self.api.reconcile(job, attempt, resolution)
        self._newest_is(heard, CONTROL)

    # What messages do.

    @precondition(lambda self: self.world.broker.queues[REQUESTS])
    @rule(picks=PICKS, ending=ENDINGS)
    def requests_are_admitted(self, picks: list[int], ending: Ending) -> None:
        self._step(self.world.handle(REQUESTS, picks, ending))

    @precondition(lambda self: self.world.broker.queues[REQUESTS])
    @rule(target=hands, picks=PICKS, ending=ENDINGS)
    def requests_begin(self, picks: list[int], ending: Ending) -> MultipleResults[Hand]:
        return multiple(*self._step(self.world.admit_and_begin(picks, ending)))

    @precondition(lambda self: self.world.broker.queues[CONTROL])
    @rule(picks=PICKS, ending=ENDINGS)
    def wishes_are_heard(self, picks: list[int], ending: Ending) -> None:
        self._step(self.world.handle(CONTROL, picks, ending))

    @precondition(lambda self: self.world.broker.queues[OUTCOMES])
    @rule(picks=PICKS, ending=ENDINGS)
    def outcomes_are_judged(self, picks: list[int], ending: Ending) -> None:
        self._step(self.world.handle(OUTCOMES, picks, ending))

    @precondition(lambda self: self.world.jobs.said)
    @rule(fault=FAULTS)
    def generator_publishes(self, fault: Fault) -> None:
        self._step(self.world.relay("generator", fault))

    @precondition(lambda self: self.world.ends.said)
    @rule(fault=FAULTS)
    def notifier_publishes(self, fault: Fault) -> None:
        self._step(self.world.relay("notifier", fault))

    # What workers do.

    @precondition(lambda self: self.world.unfinished)
    @rule(target=hands, slots=SLOTS, others=st.integers(0, 2), dies=SELDOM)
    def workers_claim(self, slots: int, others: int, dies: bool) -> MultipleResults[Hand]:
        return multiple(*self._step(self.world.claim(slots, others, dies=dies)))

    @precondition(lambda self: self.world.unfinished)
    @rule(target=hands, slots=SLOTS)
    def workers_claim_what_waits(self, slots: int) -> MultipleResults[Hand]:
        return multiple(*self._step(self.world.claim_waiting(slots)))

    @precondition(lambda self: self.bundle("hands"))
    @rule(held=st.lists(hands, min_size=1, max_size=3, unique_by=id), say_so=st.booleans())
    def workers_go_on(self, held: list[Hand], say_so: bool) -> None:
        self._step(self.world.beat(held, say_so=say_so))

    @precondition(lambda self: self.bundle("hands"))
    @rule(reports=REPORTS, dies=SELDOM)
    def attempts_end(self, reports: list[tuple[Hand, Report]], dies: bool) -> None:
        self._step(self.world.report(reports, dies=dies))

    # What comes by itself.

    @rule(seconds=SECONDS, reaper=st.sampled_from(Reaper))
    def time_passes(self, seconds: int, reaper: Reaper) -> None:
        self._step(self.world.pass_time(timedelta(seconds=seconds), reaper))

    @precondition(lambda self: self.world.unfinished)
    @rule(target=hands, slots=SLOTS)
    def workers_are_taken_for_dead(self, slots: int) -> MultipleResults[Hand]:
        self._step(self.world.pass_time(LEASE + timedelta(seconds=1), Reaper.ASLEEP))
        return multiple(*self._step(self.world.claim(slots)))

    def _newest_is(self, heard: bool, queue: str) -> None:
        if heard:
            self._step(self.world.handle(queue, [-1], Ending.ACKED))

    def _step(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        self._sound = False
        answer = self._stage.run(work)
        self._sound = True
        return answer
