"""CPU and memory of whole process trees, read from /proc in one pass.

A tree is a process, its descendants, and the members of its session: a grandchild whose parent
has ended belongs to nobody else. What a process that ended has used is in its parent's count of
waited-for children (proc(5): cutime, cstime), so short-lived children are not lost.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")

Parts = Mapping[str, Sequence[int]]
"""The roots of process trees, by part of the system."""


@dataclass(frozen=True, slots=True)
class ProcessTimes:
    """What /proc/<pid>/stat says of one process; seconds of CPU, ended children's included."""

    pid: int
    parent: int
    session: int
    seconds: float


def read_processes(proc: Path = PROC) -> dict[int, ProcessTimes]:
    """Every process of this machine now."""
    found = {}
    for folder in proc.iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:  # it ended meanwhile
                continue
            found[int(folder.name)] = parse_stat(stat)
    return found


def parse_stat(stat: str) -> ProcessTimes:
    """One line of proc(5); the name in parentheses may itself hold parentheses and spaces."""
    pid = int(stat.split(" ", 1)[0])
    fields = stat.rpartition(")")[2].split()
    ticks = sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
    return ProcessTimes(pid, int(fields[1]), int(fields[3]), ticks / _TICKS)


def members(processes: Mapping[int, ProcessTimes], roots: Iterable[int]) -> set[int]:
    """The processes that belong to these roots."""
    children: dict[int, list[int]] = defaultdict(list)
    for process in processes.values():
        children[process.parent].append(process.pid)
    wanted = set(roots)
    left = [p.pid for p in processes.values() if p.pid in wanted or p.session in wanted]
    found: set[int] = set()
    while left:
        pid = left.pop()
        if pid not in found:
            found.add(pid)
            left += children[pid]
    return found


def cpu_seconds(parts: Parts, proc: Path = PROC) -> dict[str, float]:
    """User and system time of each part since it was started."""
    processes = read_processes(proc)
    return {
        part: sum(processes[pid].seconds for pid in members(processes, roots))
        for part, roots in parts.items()
    }


def memory_mib(parts: Parts, proc: Path = PROC) -> dict[str, float]:
    """Proportional set size of each part in MiB: pages shared by n processes count 1/n each."""
    processes = read_processes(proc)
    return {
        part: sum(_pss_kib(proc / str(pid)) for pid in members(processes, roots)) / 1024
        for part, roots in parts.items()
    }


def _pss_kib(folder: Path) -> int:
    try:
        lines: Iterator[str] = iter((folder / "smaps_rollup").read_text().splitlines())
    except OSError:  # ended, or somebody else's
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
