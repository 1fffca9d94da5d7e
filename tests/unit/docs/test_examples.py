"""The example generator of docs/guides/add-a-generator.md does what every generator must.

Its own tests run here, as its users run them.
"""

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SWATCH = ROOT / "examples/swatch"

sys.path.insert(0, str(SWATCH))  # as if it were installed, also for child processes

_tests: Any = import_module("test_swatch")
TestSwatch = _tests.TestSwatch
test_the_colour_of_a_picture_is_its_average = _tests.test_the_colour_of_a_picture_is_its_average
test_what_is_no_picture_is_said_to_be_none = _tests.test_what_is_no_picture_is_said_to_be_none


def test_the_guide_shows_the_example_as_it_is() -> None:
    guide = (ROOT / "docs/guides/add-a-generator.md").read_text()
    shown = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)

    assert (SWATCH / "darkroom_swatch.py").read_text() in shown
    assert (SWATCH / "test_swatch.py").read_text() in shown
