"""The calls about money: `darkroom.budget.get()`, `.limit(25)`, `.lift()`."""

from typing import Final, Literal

from shared.client.models import Budget
from shared.client.reading import read
from shared.client.transport import ApiTransport

PATH: Final = "/v1/budget"
Period = Literal["month", "total"]


class Budgets:
    """What may be spent at providers. For operators; each of these calls may be repeated."""

    def __init__(self, api: ApiTransport) -> None:
        self._api = api

    async def get(self) -> Budget:
        """How it stands."""
        return read(Budget, await self._api.call("GET", PATH))

    async def limit(self, amount: float, period: Period = "month") -> Budget:
        """So much may be spent, in USD: each calendar month, or in `total`."""
        body = {"limit": amount, "period": period}
        return read(Budget, await self._api.call("PUT", PATH, json=body))

    async def lift(self) -> Budget:
        """Anything may be spent."""
        return read(Budget, await self._api.call("PUT", PATH, json={"limit": None}))
