"""What the runbook tells one to type can be typed."""

import pytest
import typer
from typer.core import TyperGroup

from deploy.cli.main import app
from tests.runbook import darkroom_commands

COMMANDS = sorted({" ".join(words) for words in darkroom_commands()})


@pytest.mark.parametrize("line", COMMANDS)
def test_the_command_line_has_what_the_runbook_tells_one_to_type(line: str) -> None:
    words = line.split()
    command = typer.main.get_command(app)
    while isinstance(command, TyperGroup):
        command = command.commands[words.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_there_is_something_to_type() -> None:
    assert "dead groups" in COMMANDS
    assert "topology check" in COMMANDS
