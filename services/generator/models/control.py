"""What operators said of generators: paused, or not."""

from dataclasses import dataclass
from datetime import datetime

EVERY_GENERATOR = "*"
"""Stands for all of them, also those that are yet to come."""


@dataclass(frozen=True, slots=True)
class ControlWord:
    """One word of an operator. Of two about the same generator the later `said_at` counts."""

    generator: str
    paused: bool
    said_at: datetime
    message_id: str
