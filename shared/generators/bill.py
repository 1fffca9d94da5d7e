"""Where an attempt ran, and what the provider charges for it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Bill:
    """Filled in by the generator while it works; recorded with the attempt, however that ends.

    `backend` is `local`, or the configured name of the provider; `cost` is in USD, None while
    nothing is charged.
    """

    backend: str = "local"
    cost: float | None = None

    def charge(self, backend: str, cost: float | None) -> None:
        """This attempt is with `backend` and owes it `cost` in all, as far as is known now.

        Say it again when more is known: the last word counts, nothing is added up. Where another
        attempt follows that finds the order again (`provider_jobs`), that one has to say it.
        """
        self.backend, self.cost = backend, cost
