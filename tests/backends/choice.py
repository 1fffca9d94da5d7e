"""Which backend a session uses."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.backends.backend import Backend
from tests.backends.native import native

CHOICES = ("auto", "native", "containers")


def choose(wanted: str, folder: Path) -> Backend:
    """The backend of that name; `auto` takes containers where they can be had."""
    if wanted not in CHOICES:
        raise pytest.UsageError(f"DARKROOM_TEST_BACKEND is one of {', '.join(CHOICES)}")
    if wanted == "native" or (wanted == "auto" and not containers_available()):
        return native(folder)
    from tests.backends import containers

    return containers.containers()


def containers_available() -> bool:
    """Whether a Docker engine answers, and has or gets the images."""
    if shutil.which("docker") is None or not _succeeds("docker", "info"):
        return False
    from tests.backends.containers import IMAGES

    return all(
        _succeeds("docker", "image", "inspect", image) or _succeeds("docker", "pull", "-q", image)
        for image in IMAGES
    )


def _succeeds(*command: str) -> bool:
    return _run(command) == 0


def _run(command: Sequence[str]) -> int:
    try:
        return subprocess.run(command, capture_output=True, timeout=180, check=False).returncode
    except subprocess.TimeoutExpired:
        return 1
