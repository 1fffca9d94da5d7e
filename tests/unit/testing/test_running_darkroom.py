"""What users start for their tests; examples/shop does it for real, in tests/e2e."""

from pathlib import Path

import pytest

from deploy.local.errors import LocalStackError
from deploy.testing import RunningDarkroom, TestBackendError


def test_a_backend_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TestBackendError, match="one of auto, containers, native, embedded"):
        RunningDarkroom(tmp_path, backend="docker")


def test_nothing_is_known_of_one_that_was_not_started(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match="not started"):
        _ = RunningDarkroom(tmp_path, backend="native").url
