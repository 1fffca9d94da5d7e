"""How much memory this process may use: the machine's, or its container's if that is less.

Sources: proc(5); the kernel's cgroup-v2 and memory-cgroup documents.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def available_memory(limits: Iterable[Path] = _LIMITS) -> int:
    """Bytes."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([whole, *(limit for path in limits if (limit := _read(path)) is not None)])


def _read(path: Path) -> int | None:
    """The limit in a file of the kernel's; None: there is none."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # no such control group; `max`
        return None
