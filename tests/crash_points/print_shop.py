"""A generator that orders from a provider, and the provider: a book in which every order costs.

Installed for these tests like any plug-in (`install`), and written as the contract of
`shared.generators.providers` asks for: what may have been ordered is looked up, never repeated.
"""

from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.errors import UnknownOutcomeError
from shared.generators import AssetFile, Execution, Generator, GeneratorContext

NAME = "print-shop"


class OrderBook:
    """The provider: one line an order, `number name`; `name` is what the customer calls it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def order(self, name: str) -> str:
        """Order, and pay."""
        with self._path.open("a") as book:
            number = f"order-{book.tell()}"
            book.write(f"{number} {name}\n")
        return number

    def orders_of(self, name: str) -> list[str]:
        """The numbers of this customer's orders."""
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        return [number for number, _, whose in (line.partition(" ") for line in lines)
                if whose == name]  # fmt: skip


class Order(BaseModel):
    """What to print."""

    model_config = ConfigDict(extra="forbid")
    book: str = Field(description="The file that is the provider's book.")
    deaf: bool = Field(default=False, description="Answers are not heard, and nobody can ask.")


class PrintShopGenerator(Generator[Order]):
    """Orders once, whatever happens, and hands out the number of the order."""

    name: ClassVar[str] = NAME
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Orders from a provider that charges for every order."
    input_model: ClassVar[type[Order]] = Order
    media_types: ClassVar[tuple[str, ...]] = ("text/plain",)
    example: ClassVar[dict[str, Any]] = {"book": "/dev/null"}
    execution: ClassVar[Execution] = Execution.LOOP

    async def generate(self, input: Order, context: GeneratorContext) -> list[AssetFile]:
        """The number, as a text."""
        provider, mine = OrderBook(Path(input.book)), str(context.job_id)
        known = await context.provider_jobs.find()
        if known is None:
            await context.provider_jobs.intend(NAME)
            number = provider.order(mine)
            if input.deaf:
                raise UnknownOutcomeError("The answer to the order was not heard.")
            known = await context.provider_jobs.submitted(number)
        elif known.id is None:
            if input.deaf:
                raise UnknownOutcomeError("The worker that may have ordered it is gone.")
            number = next(iter(provider.orders_of(mine)), None) or provider.order(mine)
            known = await context.provider_jobs.submitted(number)
        path = context.scratch / "order.txt"
        path.write_text(str(known.id))
        return [AssetFile(path, filename="order.txt")]


def install(folder: Path) -> None:
    """Make `folder` one that Python finds the plug-in in."""
    information = folder / "print_shop-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: print-shop\nVersion: 1.0\n")
    entry = f"{NAME} = {PrintShopGenerator.__module__}:{PrintShopGenerator.__name__}"
    (information / "entry_points.txt").write_text(f"[darkroom.generators]\n{entry}\n")
