"""A service of somebody else, written with FastStream and Darkroom's event models."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from deploy.local.stack import StackInfo
from shared.client import SyncDarkroomClient

EXAMPLE = Path(__file__).parents[2] / "examples/subscribe.py"


def line_with(lines: Iterable[str], words: str) -> str:
    return next((line for line in lines if words in line), "")


def test_it_hears_what_is_made(info: StackInfo) -> None:
    with subprocess.Popen(
        [sys.executable, str(EXAMPLE), info.rabbitmq],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as subscriber:
        assert subscriber.stdout is not None
        try:
            assert line_with(subscriber.stdout, "started successfully")
            with SyncDarkroomClient(info.api) as client:
                job = client.make("noop", {})
            heard = line_with(subscriber.stdout, f" {job.id} ")
        finally:
            subscriber.terminate()

    assert job.primary is not None
    assert heard.split()[2] == job.primary.sha256
