"""How much CPU a running stack has used: the services, their children, RabbitMQ and Postgres."""

from collections import defaultdict

import psutil

from deploy.local.stack import StackInfo

CpuSeconds = dict[str, float]


def cpu_seconds(info: StackInfo) -> CpuSeconds:
    """User and system time of each part of the stack so far, in seconds."""
    used: CpuSeconds = defaultdict(float)
    for part, pids in info.pids.items():
        for pid in pids if isinstance(pids, list) else [pids]:
            if pid is not None:
                used[part] += _family_seconds(psutil.Process(pid))
    return used


def difference(before: CpuSeconds, after: CpuSeconds) -> CpuSeconds:
    """What was used in between."""
    return {part: seconds - before.get(part, 0) for part, seconds in after.items()}


def _family_seconds(process: psutil.Process) -> float:
    """Time of living members; what ended in between is in its parent's children's time."""
    family = [process, *process.children(recursive=True)]
    return sum(_own_seconds(member) for member in family)


def _own_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
