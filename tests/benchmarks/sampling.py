"""What Python processes are at, many times a second: py-spy from outside, stacks sorted by room.

Only who holds the interpreter is seen: a process that is woken and waits for a core is not at work.
What the loop does without it (reading sockets, polling) is so spread over all rooms, in proportion.
A sample belongs to the innermost frame that is somebody's: what a library of Python's own does
(json, uuid, dataclasses) is the business of whoever called it.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.benchmarks.errors import BenchmarkError

_RATE = 250
ROOMS: Mapping[str, tuple[str, ...]] = {
    "HTTP": ("shared/http/", "services/api/routes/", "uvicorn/", "starlette/", "fastapi/"),
    "events": ("shared/events/", "shared/contracts/"),
    "messages": ("shared/messaging/", "aiormq/", "aio_pika/", "pamqp/"),
    "statements": ("repository/", "unit_of_work.py", "shared/database/"),
    "driver": ("asyncpg/",),
    "store": ("shared/storage/", "services/generator/assets/", "obstore/"),
    "logs and metrics": ("shared/observability/", "metrics.py", "structlog/", "prometheus_client/"),
    "use cases": ("services/",),
    "event loop": ("uvloop/", "asyncio/runners.py"),
}
"""By what a frame's path has in it, the first that fits."""
OTHER = "other"


class Sampler:
    """Samples one process until it is stopped."""

    def __init__(self, pid: int, folder: Path) -> None:
        self._path = folder / f"stacks-{pid}.txt"
        program = Path(sys.executable).with_name("py-spy")
        told = ["record", "--pid", str(pid), "--rate", str(_RATE), "--gil", "--format", "raw"]
        endless = ["--duration", "86400", "--output", str(self._path)]
        try:
            self._process = subprocess.Popen(
                [program, *told, *endless], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except FileNotFoundError as error:
            raise BenchmarkError(
                "py-spy is not installed: deploy/bootstrap --bench installs it"
            ) from error

    def stop(self) -> dict[str, float]:
        """The share of each room in what was seen at work. Raises `BenchmarkError`."""
        self._process.send_signal(2)  # SIGINT: write what there is
        said, _ = self._process.communicate(timeout=60)
        if not self._path.exists():
            raise BenchmarkError(f"py-spy failed: {said.decode(errors='replace').strip()[-300:]}")
        return shares(self._path.read_text().splitlines())


def shares(lines: Iterable[str]) -> dict[str, float]:
    """Of raw lines, `frame;frame;frame count`, outermost first."""
    seen: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        seen[room_of(stack.split(";"))] += int(count)
    return {room: count / seen.total() for room, count in seen.items()}


def room_of(frames: Iterable[str]) -> str:
    """Whose frame is the innermost that is anybody's."""
    for frame in reversed([*frames]):
        for room, places in ROOMS.items():
            if any(place in frame for place in places):
                return room
    return OTHER
