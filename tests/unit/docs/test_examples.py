"""The example generator of docs/how-to/add-a-generator.md does what every generator must."""

import re
import sys
from importlib import import_module
from pathlib import Path

from shared.testing.generator_conformance import GeneratorConformance

ROOT = Path(__file__).parents[3]
SWATCH = ROOT / "examples/swatch"

sys.path.insert(0, str(SWATCH))  # as if it were installed, also for child processes


class TestSwatch(GeneratorConformance):
    generator = import_module("darkroom_swatch").SwatchGenerator
    inputs = ({"colour": "#e4572e"}, {"colour": "#000000", "side": 1})
    hostile = ({}, {"colour": "red"}, {"colour": "#e4572e", "side": 100_000})


def test_the_guide_shows_the_example_as_it_is() -> None:
    guide = (ROOT / "docs/how-to/add-a-generator.md").read_text()
    shown = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)[0]

    assert (SWATCH / "darkroom_swatch.py").read_text() == shown
