"""A stack that ends leaves nothing behind, however it ends."""

from pathlib import Path

import psutil
import pytest

from deploy.local.stack import LocalStack, StackInfo
from deploy.local.stack_file import read_stack_file
from tests.e2e.conftest import Surroundings


def _family(info: StackInfo) -> list[psutil.Process]:
    """Every process of the stack."""
    numbers = [pids if isinstance(pids, list) else [pids] for pids in info.pids.values()]
    family = [psutil.Process(pid) for pids in numbers for pid in pids if pid]
    return family + [child for process in family for child in process.children(recursive=True)]


def _supervisor(info: StackInfo) -> psutil.Process:
    """The only process that this one started and the stack's api descends from."""
    pids = info.pids["api"]
    assert isinstance(pids, list)
    [supervisor] = set(psutil.Process(pids[0]).parents()) & set(psutil.Process().children())
    return supervisor


@pytest.mark.parametrize("ending", ["in order", "killed"])
def test_no_process_outlives_its_stack(
    tmp_path: Path, surroundings: Surroundings, stack: LocalStack, ending: str
) -> None:
    second = LocalStack(tmp_path, surroundings())
    try:
        info = second.start()
        assert info.api != stack.info.api, "two stacks run side by side"
        family = _family(info)
        if ending == "killed":
            _supervisor(info).kill()
    finally:
        second.stop()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    assert ending == "killed" or read_stack_file(tmp_path) is None
