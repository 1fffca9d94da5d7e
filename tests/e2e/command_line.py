"""`darkroom` as a person types it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.local.stack import StackInfo

ROOT = Path(__file__).parents[2]
Done = subprocess.CompletedProcess[str]


class CommandLine:
    """Runs the command against one stack."""

    def __init__(self, info: StackInfo) -> None:
        self._told = {"DARKROOM_API_URL": info.api}
        if info.management:
            self._told["DARKROOM_RABBITMQ_MANAGEMENT_URL"] = info.management
        for service, url in info.databases.items():
            self._told[f"DARKROOM_{service.upper()}_DATABASE_URL"] = url

    def __call__(self, *arguments: str) -> Done:
        """What it did, however it ended."""
        return run_python("-m", "deploy.cli", *arguments, **self._told)

    def say(self, *arguments: str) -> str:
        """What it printed; it must not fail."""
        done = self(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def read(self, *arguments: str) -> Any:
        """The JSON that it printed."""
        return json.loads(self.say(*arguments, "--json"))


def run_python(*arguments: str, **environment: str) -> Done:
    """Another Python, from the checkout."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
