"""The guide about commands shows the examples as they are, and the rights as they are given."""

import re
from pathlib import Path

import pytest

from deploy.rabbitmq.clients import client_rights

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/guides/commands.md").read_text()


@pytest.mark.parametrize("example", ["ask.py", "ask_with_faststream.py"])
def test_it_shows_the_example_as_it_is(example: str) -> None:
    shown = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)

    assert (ROOT / "examples" / example).read_text() in shown


def test_it_gives_the_rights_that_are_tried_on_a_broker() -> None:
    may, operator = client_rights("shop"), client_rights("shop", operates=True)

    assert f"'{may.configure}' '{may.write}' '{may.read}'" in GUIDE
    assert f"media.commands '{may.commands}' '.*'" in GUIDE
    assert f"`{operator.commands}`" in GUIDE
