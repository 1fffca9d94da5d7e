"""Between the shop and Darkroom: asking for cards, and hearing what became of them."""

from shared.client import DarkroomClient, InvalidRequestError
from shared.events import CloudEvent, MediaFailed, MediaReady
from shop.products import Product, Products

EVENTS = ["media.ready", "media.failed", "media.expired", "media.canceled"]


class ProductCards:
    """Asks when a product is added, and notes the answer when it comes."""

    def __init__(self, darkroom: DarkroomClient, products: Products, hook: str) -> None:
        self._darkroom = darkroom
        self._products = products
        self._hook = hook

    async def ask(self, product: Product) -> None:
        """The key makes it one card for each product, however often this is repeated."""
        try:
            await self._darkroom.request(
                "card",
                {"title": product.name, "subtitle": product.price},
                idempotency_key=f"product-card:{product.id}",
                metadata={"product": product.id},
                webhook={"url": self._hook, "events": EVENTS},
            )
        except InvalidRequestError as refused:
            product.problem = str(refused)

    def hear(self, event: CloudEvent) -> None:
        """The same event may come twice: what is noted is the same, so that does no harm."""
        said = event.data
        product = self._products.find(str(getattr(said, "metadata", {}).get("product")))
        if product is None:
            return
        if isinstance(said, MediaReady):
            product.card, product.problem = f"/v1/media/{said.job_id}/content", None
        elif isinstance(said, MediaFailed):
            product.problem = said.failure.message
        else:
            product.problem = "there was no time for a card"
