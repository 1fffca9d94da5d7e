"""How the kernel is asked to share its cores among our processes.

A service wakes its neighbours all the time: every answer, message and statement does. By default
whoever is woken soon takes the core from whoever woke it, so batches stay small and caches cold.
Neighbours: `cli` asks for a service, `deploy.local.process` for the servers of the local stack.
"""

import os
from contextlib import suppress


def finish_before_others() -> None:
    """Let this process, and what it starts, finish its turn when it wakes others, and wait for
    theirs when it is woken.

    Nobody waits for a turn on a core that is idle, so only a busy machine behaves differently.
    Linux: `SCHED_BATCH` (sched(7)), which needs no rights. Where it is not to be had, nothing
    happens.
    """
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
