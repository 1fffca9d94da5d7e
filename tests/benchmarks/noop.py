"""How fast jobs go through that cost nothing to make: `python -m tests.benchmarks.noop [jobs]`.

Starts a stack of its own. Prints jobs per second from the first request to the last `media.ready`,
and the CPU that a job costs, part by part. The CPU of this process is not counted, but on a small
machine it competes for the cores.
"""

import sys
import tempfile
import time
from pathlib import Path

import httpx
import pika

from deploy.local.stack import LocalStack, StackInfo
from shared.testing import eventually_sync
from tests.benchmarks.processes import cpu_seconds, difference
from tests.e2e.people import Listener, Person

NOOP = {"generator": "noop", "input": {}, "priority": "batch"}
AT_ONCE = 1000


def measure(info: StackInfo, jobs: int) -> None:
    """Send them in batches over HTTP, wait for every final word, print the figures."""
    connection = pika.BlockingConnection(pika.URLParameters(info.rabbitmq))
    with httpx.Client(base_url=info.api, timeout=120) as http:
        listener, person = Listener(connection.channel(), "media.ready.noop"), Person(http)
        listener.collect([person.ask("noop", {})["id"]])
        before, began = cpu_seconds(info), time.perf_counter()
        asked: list[str] = []
        while len(asked) < jobs:
            answers = person.ask_for_many([NOOP] * min(AT_ONCE, jobs - len(asked)))
            asked += [answer["job"]["id"] for answer in answers]
        accepted = time.perf_counter() - began
        heard = listener.collect(asked, timeout=300)
        seconds = time.perf_counter() - began
        used = difference(before, cpu_seconds(info))
    connection.close()
    _print(jobs, len(heard), accepted, seconds, used)


def _print(jobs: int, heard: int, accepted: float, seconds: float, used: dict[str, float]) -> None:
    print(
        f"{jobs} jobs, {heard} media.ready, accepted in {accepted:.2f} s, ready in {seconds:.2f} s"
    )
    print(f"{jobs / seconds:.0f} jobs/s")
    print(f"{1000 * sum(used.values()) / jobs:.2f} ms of CPU a job, of it")
    for part, spent in sorted(used.items(), key=lambda item: -item[1]):
        print(f"  {part:<10} {1000 * spent / jobs:.2f}")


def main(jobs: int) -> None:
    """Measure on a stack that is gone afterwards."""
    hosts_noop = {"DARKROOM_ALLOW_FAULTS": "1"}
    with tempfile.TemporaryDirectory() as home, LocalStack(Path(home), hosts_noop) as stack:
        url = f"{stack.info.api}/v1/generators/noop"
        eventually_sync(lambda: httpx.get(url).raise_for_status(), timeout=30)
        measure(stack.info, jobs)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
