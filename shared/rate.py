"""How often something may happen: what people write, and what is counted with."""

import re
from dataclasses import dataclass
from typing import Final

LONGEST_WINDOW: Final = 31 * 86_400
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WORDS: Final = {1: "second", 60: "minute", 3_600: "hour", 86_400: "day"}
_FORM: Final = re.compile(
    r"(\d{1,9})\s*/\s*(?:(\d{1,7})\s*)?(s|sec|second|m|min|minute|h|hour|d|day)s?"
)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, coming back evenly within so many seconds."""

    quota: int
    seconds: int

    @property
    def a_second(self) -> float:
        """How many come back in a second."""
        return self.quota / self.seconds

    def __str__(self) -> str:
        return f"{self.quota}/{_WORDS.get(self.seconds) or f'{self.seconds}s'}"

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """`600/minute`, `50/h`, `10/5s`. Raises `ValueError`."""
        found = _FORM.fullmatch(text.strip().lower())
        if found is None:
            raise ValueError(f"{text!r} is not a rate such as 600/minute, 50/h or 10/5s")
        rate = cls(int(found[1]), int(found[2] or 1) * _UNITS[found[3][0]])
        if not rate.quota or not 1 <= rate.seconds <= LONGEST_WINDOW:
            raise ValueError(f"{text!r}: at least one, in a second to 31 days")
        return rate
