"""One of the floor's processes: `python -m tests.benchmarks.floor accept|work|close`.

Told by the environment: `FLOOR_DATABASE`, `FLOOR_AMQP`, and for `accept` `FLOOR_PORT`.
"""

import os
import sys

import uvloop

from deploy.local.process import end_with_parent
from tests.benchmarks.floor.accept import Accept
from tests.benchmarks.floor.close import Close
from tests.benchmarks.floor.stage import Stage
from tests.benchmarks.floor.work import Work


async def serve(role: str) -> None:
    """Until killed."""
    stage = await Stage.open(os.environ["FLOOR_DATABASE"], os.environ["FLOOR_AMQP"])
    match role:
        case "accept":
            await Accept(stage).run(int(os.environ["FLOOR_PORT"]))
        case "work":
            await Work(stage).run()
        case "close":
            await Close(stage).run()


if __name__ == "__main__":
    end_with_parent()
    uvloop.run(serve(sys.argv[1]))
