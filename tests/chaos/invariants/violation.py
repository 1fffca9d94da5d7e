"""A promise that was broken."""

from dataclasses import dataclass

_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Violation:
    """`subject` is a job, an order, an event or a part of the system: what the logs speak of."""

    subject: str
    expected: str
    seen: str

    def __str__(self) -> str:
        return f"{self.subject}: expected {self.expected}, seen {self.seen}"[:_LONGEST]
