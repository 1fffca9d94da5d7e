"""docs/reference/topology.md: every name on the broker."""

from collections.abc import Iterable

from deploy.reference.markdown import code, table
from shared.events import Lane
from shared.messaging import topology

_HEAD = """\
# Topology

Every name on the broker; the source is
[shared/messaging/topology.py](../../shared/messaging/topology.py). `darkroom topology check`
compares a live broker with it, `darkroom topology apply` makes what is missing, and
[topology.json](../topology.json) is the same for programs.

Queues are durable quorum queues, declared with `x-queue-type=quorum` and no other argument.
Everything else is a policy, so that it can be changed on a running broker.
"""

_WORK = """\
The queues of a generator are declared by the processes that host it. A tenant that has as many jobs
waiting for a generator and lane as its share (`DARKROOM_API_FAIR_SHARE`) gets further ones into the
`overflow`: they are made as well, but they delay nobody else
([0040](../adr/0040-a-queue-for-whoever-has-enough.md)). How long a backlog is, is what both queues
have together.
"""


def topology_page() -> str:
    """The page's text."""
    lanes = [
        topology.work_queue("<name>", lane, overflow=overflow)
        for overflow in (False, True)
        for lane in Lane
    ]
    fixed = topology.all_queues(())
    return "\n".join(
        [
            _HEAD,
            "## Exchanges\n",
            table(
                ("exchange", "kind", "carries"),
                ((code(e.name), e.kind, e.carries) for e in topology.EXCHANGES),
            ),
            "## Queues\n",
            _queues([*lanes, *fixed]),
            _WORK,
            "## Policies\n",
            _policies(),
        ]
    )


def _queues(queues: Iterable[topology.Queue]) -> str:
    rows = ((code(queue.name), _bindings(queue), queue.consumer) for queue in queues)
    return table(("queue", "bound to", "consumer"), rows)


def _bindings(queue: topology.Queue) -> str:
    patterns: dict[str, list[str]] = {}
    for binding in queue.bindings:
        patterns.setdefault(binding.exchange, []).append(code(binding.pattern))
    return "; ".join(f"{name}: {', '.join(bound)}" for name, bound in patterns.items())


def _policies() -> str:
    rows = (
        (
            code(policy.name),
            code(policy.pattern),
            ", ".join(f"`{key}={value}`" for key, value in policy.definition.items()),
        )
        for policy in topology.POLICIES
    )
    return table(("policy", "queues", "definition"), rows)
