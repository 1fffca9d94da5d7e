"""Services, and the servers that the local stack starts, let each other finish their turns."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.process import ProcessSpec, spawn
from shared.service.scheduling import finish_before_others

TELL = "import os; print(os.sched_getscheduler(0) == os.SCHED_BATCH)"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SCHED_BATCH is Linux's")


def test_a_process_asks_for_itself_and_for_what_it_starts() -> None:
    program = f"""
import subprocess, sys
from shared.service.scheduling import finish_before_others
finish_before_others()
{TELL}
sys.stdout.flush()
subprocess.run([sys.executable, "-c", {TELL!r}])
"""
    told = [sys.executable, "-c", program]
    said = subprocess.run(told, check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["True", "True"]


def test_what_the_local_stack_starts_is_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert spawn(ProcessSpec("told", [sys.executable, "-c", TELL], log)).wait() == 0
    assert log.read_text().strip() == "True"


def test_where_it_is_refused_or_unknown_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    finish_before_others()
    monkeypatch.delattr(os, "sched_setscheduler")
    finish_before_others()
