"""Those who listen from outside, and what they must agree on: live events, AMQP, webhooks.

None of them uses Darkroom's own code to listen: what they heard is evidence. Neighbours: the story
in tests/e2e/test_everybody_hears.py, and tests/chaos, where they listen to every run.
"""

from tests.hearing.agreement import Disagreement, Heard, disagreements
from tests.hearing.callers import calls_heard
from tests.hearing.streams import StreamEar
from tests.hearing.words import FINAL_TYPES, Word

__all__ = [
    "FINAL_TYPES",
    "Disagreement",
    "Heard",
    "StreamEar",
    "Word",
    "calls_heard",
    "disagreements",
]
