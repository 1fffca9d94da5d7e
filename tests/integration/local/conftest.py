"""These tests start servers of their own, because they break them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.rabbitmq_program import find_server


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A temporary folder for the tests of one file."""
    with tempfile.TemporaryDirectory(prefix="darkroom-test-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def rabbitmq_installed() -> None:
    if find_server() is None:
        pytest.skip("rabbitmq-server is not installed")
