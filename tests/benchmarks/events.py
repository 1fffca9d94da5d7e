"""The CPU of events, one operation at a time: `python -m tests.benchmarks.events`.

Microseconds of this process, the best of several rounds, for the events of an ordinary job: making
one out of its data (`announce`), the message that carries it (`outgoing`, which encodes), and
reading it again (`decode`); beside orjson with the same document as plain dictionaries, which is
what no codec can beat. Then what surrounds them: ids and lines of log. Other work on the machine
shows in all figures alike, so compare figures of one run.
"""

import io
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson
import structlog

from shared.clock import derived_id, uuid7
from shared.events import Message, Origin, announce, decode, encode
from shared.messaging.outgoing import outgoing
from shared.observability import configure_logging, new_traceparent, wide_event
from shared.testing import a_media_generated, a_media_ready, a_media_requested, an_attempt

ROUNDS = 9
ROUND_SECONDS = 0.05


def cost(operation: Callable[[], object]) -> float:
    """Microseconds of CPU."""
    count, begun = 0, time.process_time()
    while time.process_time() - begun < ROUND_SECONDS:
        operation()
        count += 1
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(count):
            operation()
        best = min(best, time.process_time() - begun)
    return 1e6 * best / count


def messages() -> list[Message]:
    """Moments are those of a clock: on whole seconds it would be another way of writing them."""
    now = datetime.now(UTC).replace(microsecond=123_456)
    attempt = an_attempt(started_at=now, ended_at=now + timedelta(milliseconds=90))
    return [
        a_media_requested(requested_at=now, finish_by=now + timedelta(days=7)),
        a_media_generated(attempt=attempt),
        a_media_ready(attempt=attempt, finished_at=now),
    ]


def compare_events() -> None:
    """Print a line for each event."""
    print("us of CPU an event   bytes  announce  outgoing  decode   orjson dumps  loads")
    now = datetime.now(UTC).replace(microsecond=234_567)
    origin = Origin(correlationid=str(uuid7()), traceparent=new_traceparent())
    for data in messages():
        making = partial(announce, data, source="/darkroom/bench", time=now, origin=origin)
        event = making()
        body = encode(event)
        document = orjson.loads(body)
        figures = [
            cost(making),
            cost(partial(outgoing, event)),
            cost(partial(decode, body)),
            cost(partial(orjson.dumps, document)),
            cost(partial(orjson.loads, body)),
        ]
        columns = zip(figures, (10, 10, 8, 15, 7), strict=True)
        said = "".join(f"{figure:{width}.1f}" for figure, width in columns)
        print(f"  {type(data).__name__:17}{len(body):7}{said}")


def compare_the_rest() -> None:
    """Print a line for each other operation; lines of log go to memory."""
    configure_logging("bench", stream=io.StringIO())
    log = structlog.get_logger(__name__)
    job_id = uuid7()

    def work() -> None:
        with wide_event(log, "events.projected", events=5):
            pass

    print("us of CPU")
    operations: dict[str, Callable[[], object]] = {
        "uuid7": uuid7,
        "derived_id": partial(derived_id, job_id, "darkroom.media.ready.v1", 0),
        "new_traceparent": new_traceparent,
        "log.info": lambda: log.info("request.handled", method="POST", status=202),
        "wide_event": work,
        "log.debug, left out": lambda: log.debug("request.handled", method="GET", status=200),
    }
    for name, operation in operations.items():
        print(f"  {name:20}{cost(operation):6.2f}")


if __name__ == "__main__":
    compare_events()
    compare_the_rest()
