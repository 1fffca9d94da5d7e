"""What is known of a file's size and length."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Measures:
    """Width and height in pixels, duration in seconds; None where it has none or none is known."""

    width: int | None = None
    height: int | None = None
    duration: float | None = None


NOTHING: Final = Measures()
