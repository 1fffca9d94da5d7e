"""A rule of reading: what it looks for, and what is said instead."""

import re
from collections.abc import Callable
from re import Match, Pattern
from typing import Final, NamedTuple, TypeAlias

NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*"
Said: TypeAlias = str | Callable[[Match[str]], str]


class Rule(NamedTuple):
    """Rules are applied one after the other, each to all of a line."""

    pattern: Pattern[str]
    said: Said

    def __call__(self, text: str) -> str:
        return self.pattern.sub(self.said, text)


def rule(pattern: str, said: Said, *, flags: int = 0) -> Rule:
    """A rule that is compiled once."""
    return Rule(re.compile(pattern, flags), said)
