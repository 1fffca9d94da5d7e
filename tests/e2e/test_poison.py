"""Thousands of broken messages among real jobs: each a dead letter once, and nobody is harmed.

`DARKROOM_TEST_MUTATIONS=5000` for as many as the promise says; fewer by default.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from deploy.local.stack import LocalStack, StackInfo
from services.api.service.command_reading import read_command
from shared.errors import DarkroomError
from shared.events import CloudEvent, ControlGenerators, GeneratorAnnounced, MediaRequested, decode
from shared.messaging import topology
from shared.messaging.subscriber import LARGEST
from shared.testing import eventually_sync
from tests.backends.databases import query
from tests.e2e.mutations import Mutant, mutants
from tests.e2e.outages import SERVICES, Processes
from tests.e2e.people import Person

COUNT = int(os.environ.get("DARKROOM_TEST_MUTATIONS", "400"))
SEED = int(os.environ.get("DARKROOM_TEST_SEED", "1"))
AT_ONCE = 100
NOOP = {"generator": "noop", "input": {}}
WITH_CONSEQUENCES = ControlGenerators | GeneratorAnnounced
"""By luck one of these could pause the generators, or change what they take."""

Grave = tuple[str, bytes]


def event_in(mutant: Mutant) -> CloudEvent | None:
    """What the queue's consumer reads in it; None: it is invalid there."""
    try:
        if len(mutant.body) > LARGEST:
            return None
        if mutant.queue == topology.API_COMMANDS:
            return read_command(mutant.body).envelope
        event = decode(mutant.body)
    except DarkroomError:
        return None
    return event if belongs(event, mutant.queue) else None


def belongs(event: CloudEvent, queue: str) -> bool:
    """As the bindings say; the read model takes every event, and leaves aside what it needs not."""
    if queue == topology.API_PROGRESS:
        return True
    if isinstance(event.data, MediaRequested):
        return queue.startswith("generator.noop.") and event.data.generator == "noop"
    name = event.type.removeprefix("darkroom.").rpartition(".")[0]
    bound = next(one for one in topology.all_queues(["noop"]) if one.name == queue).bindings
    return any(binding.pattern == f"{name}.#" for binding in bound)


class Graveyard:
    """What the store of dead letters got from now on."""

    def __init__(self, info: StackInfo) -> None:
        self._database = info.databases["api"]
        [row] = query(self._database, "SELECT coalesce(max(seq), 0) AS seq FROM dead_letter")
        self._before = row["seq"]

    def look(self) -> Counter[Grave]:
        statement = "SELECT queue, body FROM dead_letter WHERE seq > $1"
        rows = query(self._database, statement, self._before)
        return Counter((row["queue"], bytes(row["body"])) for row in rows)

    def unexplained(self) -> int:
        """Letters without a reason."""
        statement = """SELECT count(*) AS letters FROM dead_letter
            WHERE seq > $1 AND (error_code = '' OR error_message = '' OR error_class = '')"""
        [row] = query(self._database, statement, self._before)
        return int(row["letters"])


class Flood:
    """So many mutants, sorted by the oracle."""

    def __init__(self, made: Iterable[Mutant], count: int) -> None:
        self.harmless: list[Mutant] = []
        self.invalid: Counter[Grave] = Counter()
        self.lucky: Counter[Grave] = Counter()
        for mutant in made:
            event = event_in(mutant)
            if event is not None and isinstance(event.data, WITH_CONSEQUENCES):
                continue
            if len(self.harmless) == count:
                break
            self.harmless.append(mutant)
            kind = self.invalid if event is None else self.lucky
            kind[mutant.queue, mutant.body] += 1

    def pour(self, channel: BlockingChannel, person: Person, look: Callable[[], None]) -> list[str]:
        """All of it, with real jobs in between, whose ids are the answer."""
        jobs: list[str] = []
        for begin in range(0, len(self.harmless), AT_ONCE):
            for mutant in self.harmless[begin : begin + AT_ONCE]:
                send(channel, mutant)
            jobs += [answer["job"]["id"] for answer in person.ask_for_many([NOOP] * 10)]
            look()
        return jobs

    def must_be_buried(self, found: Counter[Grave]) -> None:
        """Each invalid one once; of the others at most what breaks its handler.

        The same bytes, under the same id or at the same moment without one, are the same letter.
        """
        missing = self.invalid.keys() - found.keys()
        assert not missing, f"{len(missing)} of {len(self.invalid)}: {next(iter(missing))}"
        extra = found - self.invalid - self.lucky
        assert not extra, f"{extra.total()} too many: {next(iter(extra))}"


def send(channel: BlockingChannel, mutant: Mutant) -> None:
    properties: dict[str, Any] = {"delivery_mode": 2, **mutant.properties}
    channel.basic_publish("", mutant.queue, mutant.body, pika.BasicProperties(**properties))


@pytest.mark.timeout(1800)
def test_mutated_messages_are_dead_letters_once_and_real_jobs_among_them_end(
    stack: LocalStack, info: StackInfo, channel: BlockingChannel, person: Person
) -> None:
    processes, graveyard = Processes(stack), Graveyard(info)
    flood = Flood(mutants(COUNT + COUNT // 2, SEED), COUNT)
    processes.wait_until_ready()
    before = {processes.of(service).pid for service in SERVICES}

    jobs = flood.pour(channel, person, processes.must_be_ready)

    eventually_sync(lambda: flood.must_be_buried(graveyard.look()), timeout=300)
    assert {person.wait(job)["status"] for job in jobs} == {"ready"}
    flood.must_be_buried(graveyard.look())
    assert graveyard.unexplained() == 0
    processes.must_be_ready()
    assert {processes.of(service).pid for service in SERVICES} == before, "nobody was restarted"
    broken = graveyard.look().total() - flood.invalid.total()
    print(f"{len(flood.harmless)} mutants: {flood.invalid.total()} invalid, {flood.lucky.total()}")
    print(f"valid by luck, of which {broken} broke a handler; {len(jobs)} real jobs are ready")
