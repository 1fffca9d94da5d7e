"""The examples of the guide about commands do what it says, in as few lines."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.stack import StackInfo
from tests.e2e.people import Person

EXAMPLES = Path(__file__).parents[2] / "examples"
IMPORTS = (ast.Import, ast.ImportFrom)


def run(example: str, info: StackInfo) -> str:
    """What it prints."""
    script = str(EXAMPLES / example)
    command = [sys.executable, script, info.rabbitmq]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("example", "lines"), [("ask.py", 15), ("ask_with_faststream.py", 15)])
def test_an_example_is_short(example: str, lines: int) -> None:
    source = (EXAMPLES / example).read_text()
    _docstring, *statements = ast.parse(source).body
    doing = [one for one in statements if not isinstance(one, (*IMPORTS, ast.If))]
    written = "\n".join(ast.get_source_segment(source, one) or "" for one in doing)
    assert len([line for line in written.splitlines() if line.strip()]) <= lines


def test_with_pika_it_is_answered_with_a_job_that_becomes_ready(
    info: StackInfo, person: Person
) -> None:
    event = json.loads(run("ask.py", info))

    assert event["type"] == "darkroom.media.accepted.v1"
    assert event["data"]["command_id"] == event["correlationid"]
    assert person.wait(event["data"]["job_id"])["status"] == "ready"


def test_with_faststream_it_is_answered_directly(info: StackInfo, person: Person) -> None:
    path = run("ask_with_faststream.py", info).strip()

    assert path.startswith("/v1/media/")
    assert person.wait(path.rpartition("/")[2])["status"] == "ready"
