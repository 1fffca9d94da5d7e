"""A service that one of its messages kills, started again whenever it dies: for `test_killer`.

`python -m tests.integration.messaging.crashing <amqp url> <killing subject> <file>`: consumes two
queues, appends to the file what it has handled, and ends at once (no cleanup, nothing acked) when
the subject is in a batch. Forks, so that starting again takes no time.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.events import CloudEvent
from shared.messaging import suspects
from shared.messaging.publisher import Publisher
from shared.messaging.session import BrokerSession, make_broker
from shared.messaging.subscriber import BatchSubscriber, read_event
from tests.integration.messaging.harness import OTHER, QUEUE


class Killable:
    """Writes down what it handles, unless that kills it."""

    def __init__(self, killing: str, handled: Path) -> None:
        self._killing = killing
        self._handled = handled

    async def __call__(self, events: Sequence[CloudEvent]) -> None:
        if any(event.subject == self._killing for event in events):
            os._exit(9)
        with self._handled.open("a") as file:
            file.writelines(f"{event.subject}\n" for event in events)


async def consume(url: str, handle: Killable) -> None:
    publisher = Publisher(url, app_id="killable")
    subscribers = [
        BatchSubscriber(queue.name, handle, read_event, publisher=publisher)
        for queue in (QUEUE, OTHER)
    ]
    session = BrokerSession(
        make_broker(url, app_id="killable"), publisher, subscribers, [QUEUE, OTHER]
    )
    session.start()
    await asyncio.Event().wait()


def main(url: str, killing: str, handled: str) -> None:
    suspects.LONGEST_SPREAD = 0.5
    while True:
        child = os.fork()
        if child == 0:
            asyncio.run(consume(url, Killable(killing, Path(handled))))
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
