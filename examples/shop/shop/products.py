"""The products: in memory here, in a database in a real shop."""

from dataclasses import dataclass


@dataclass
class Product:
    """Something that is sold; `card` is a path at Darkroom's API once there is one."""

    id: str
    name: str
    price: str
    card: str | None = None
    problem: str | None = None


class Products:
    """All of them."""

    def __init__(self) -> None:
        self._by_id: dict[str, Product] = {}

    def add(self, product: Product) -> None:
        self._by_id[product.id] = product

    def find(self, product_id: str) -> Product | None:
        return self._by_id.get(product_id)
