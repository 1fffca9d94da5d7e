"""The topology as a document: every exchange, queue, binding and policy."""

from dataclasses import asdict
from typing import Any

from shared.contracts.addresses import GENERATOR
from shared.messaging import topology


def topology_document() -> dict[str, Any]:
    """The work queues stand there once, with `{generator}` for the generator's name."""
    return {
        "exchanges": [asdict(exchange) for exchange in topology.EXCHANGES],
        "queues": [
            {**asdict(queue), "durable": True, "arguments": topology.QUORUM}
            for queue in topology.all_queues([GENERATOR])
        ],
        "policies": [asdict(policy) for policy in topology.POLICIES],
    }
