"""A run like the big ones, in small: the driver itself works, and leaves nothing behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.local.rabbitmq_program import find_server

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(400),
    pytest.mark.skipif(find_server() is None, reason="rabbitmq-server is not installed"),
]


def test_a_small_run_holds_reports_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos", "run", "--jobs", "40", "--faults", "3"]
    command += ["--seed", "11", "--report", str(tmp_path / "report")]
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        command, env=_environment(home), capture_output=True, text=True, check=False, timeout=390
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-3000:]
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["broken"] == 0
    assert report["jobs"]["accepted"] >= 40
    assert report["listeners"]["webhook_calls"] >= report["jobs"]["accepted"]
    assert report["faults"]["all"] + len(report["faults"]["skipped"]) == 3
    assert (tmp_path / "report" / "report.md").read_text().startswith("# Chaos run, seed 11")
    assert (tmp_path / "report" / "timeline.png").read_bytes().startswith(b"\x89PNG")
    assert not list(home.iterdir())
    assert not [p for p in psutil.process_iter(["environ"]) if _belongs_to(p, home)]


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(home)}


def _belongs_to(process: psutil.Process, home: Path) -> bool:
    return str(home) in " ".join((process.info["environ"] or {}).values())
