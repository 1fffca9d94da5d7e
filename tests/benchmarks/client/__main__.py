"""The client's process: a plan on standard input, its outcome on standard output."""

import json
import sys
import time
from dataclasses import asdict, replace

import uvloop

from deploy.local.process import end_with_parent
from shared.service.scheduling import finish_before_others
from tests.benchmarks.client.commands import send_commands
from tests.benchmarks.client.following import one_by_one
from tests.benchmarks.client.knocking import Knocking
from tests.benchmarks.client.plans import Kind, Outcome, Plan
from tests.benchmarks.client.run import plan_from


async def carry_out(plan: Plan) -> Outcome:
    """Do what the plan says."""
    before = time.process_time()
    match plan.kind:
        case Kind.COMMANDS:
            outcome = await send_commands(plan)
        case Kind.ONE_BY_ONE:
            outcome = await one_by_one(plan)
        case Kind.CLOSED | Kind.OPEN:
            assert plan.http is not None
            outcome = await Knocking(plan.http, plan).run()
    return replace(outcome, cpu=time.process_time() - before)


def main() -> int:
    """One plan, one outcome."""
    end_with_parent()
    finish_before_others()  # a client on another machine would take no core from the system
    outcome = uvloop.run(carry_out(plan_from(json.load(sys.stdin))))
    json.dump(asdict(outcome), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
