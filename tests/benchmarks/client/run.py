"""Starting the client and hearing what came of it."""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from deploy.local.settings import CHECKOUT
from tests.benchmarks.client.plans import Kind, Outcome, Plan
from tests.benchmarks.errors import BenchmarkError
from tests.benchmarks.system import AmqpDoor, HttpDoor


async def run_client(plan: Plan) -> Outcome:
    """Carry the plan out in a process of its own.

    Raises `BenchmarkError` when anything was refused or the client failed: what a system did not
    take is not to be counted as done.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.client",
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        said, complaints = await process.communicate(json.dumps(asdict(plan)).encode())
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    if process.returncode != 0:
        last = complaints.decode(errors="replace").strip().rpartition("\n")[2]
        raise BenchmarkError(f"the client ({plan.kind}) failed: {last}")
    outcome = Outcome(**json.loads(said))
    if outcome.refused:
        raise BenchmarkError(f"{outcome.refused} requests were refused, first: {outcome.complaint}")
    return outcome


def plan_from(document: dict[str, Any]) -> Plan:
    """The plan as the client reads it."""
    http, amqp = document.pop("http"), document.pop("amqp")
    return Plan(
        **{**document, "kind": Kind(document["kind"])},
        http=HttpDoor(**http) if http else None,
        amqp=AmqpDoor(**amqp) if amqp else None,
    )
