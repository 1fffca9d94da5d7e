"""Memory: the container's limit where there is one, else the machine's."""

from pathlib import Path

import psutil
import pytest

from shared.service.memory import available_memory


def test_without_a_limit_it_is_the_machines() -> None:
    assert available_memory(()) == psutil.virtual_memory().total


@pytest.mark.parametrize("content", ["max", "9223372036854771712"])
def test_a_limit_that_is_none_changes_nothing(tmp_path: Path, content: str) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(content)

    assert available_memory([limit, tmp_path / "absent"]) == available_memory(())


def test_a_container_has_what_it_is_allowed(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("268435456\n")

    assert available_memory([limit]) == 256 * 1024**2
