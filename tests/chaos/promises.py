"""What the clients were promised, written down by themselves: the ledger of a run."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.chaos.orders import Order


@dataclass
class Promise:
    """What became of one order at the door; times count from the beginning of the load."""

    order: Order
    sent_at: float | None = None
    accepted_at: float | None = None
    """The first 202, or the broker's confirm of a command."""
    job_ids: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    """Every answer or error that the client got, and how often."""
    replayed: int = 0
    cancel_answers: Counter[str] = field(default_factory=Counter)

    @property
    def accepted(self) -> bool:
        return self.accepted_at is not None

    @property
    def waited(self) -> float | None:
        """Seconds from the first try to the promise."""
        if self.accepted_at is None or self.sent_at is None:
            return None
        return self.accepted_at - self.sent_at

    def sending(self, now: float) -> None:
        if self.sent_at is None:
            self.sent_at = now

    def accept(self, now: float, job_id: str | None = None) -> None:
        """Called for every promise that is made, so also for the same one made again."""
        if self.accepted_at is None:
            self.accepted_at = now
        if job_id is not None:
            self.job_ids.add(job_id)


class Ledger:
    """All promises of a run, by order; canaries are added while it goes on."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self._promises = {order.id: Promise(order) for order in orders}

    def of(self, order: Order) -> Promise:
        return self._promises.setdefault(order.id, Promise(order))

    @property
    def promises(self) -> list[Promise]:
        return list(self._promises.values())
