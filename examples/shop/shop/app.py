"""The shop's HTTP API: products come in at one door, webhooks at the other."""

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel, Field

from shared.client import DarkroomClient
from shared.events import decode
from shared.webhooks import WebhookVerificationError, verify_webhook
from shop.cards import ProductCards
from shop.products import Product, Products


class NewProduct(BaseModel):
    """What a seller enters."""

    id: str
    name: str = Field(max_length=80)
    price: str = Field(max_length=20)


def create_app(darkroom: DarkroomClient, hook: str, secret: str | None = None) -> FastAPI:
    """The whole shop. `hook` is where Darkroom reaches it; `secret` is Darkroom's for webhooks."""
    app, products = FastAPI(title="Teapot shop"), Products()
    cards = ProductCards(darkroom, products, hook)

    @app.post("/products", status_code=201)
    async def add(new: NewProduct) -> Product:
        product = Product(new.id, new.name, new.price)
        products.add(product)
        await cards.ask(product)
        return product

    @app.get("/products/{product_id}")
    async def get(product_id: str) -> Product:
        if (product := products.find(product_id)) is None:
            raise HTTPException(404)
        return product

    @app.post("/hooks/darkroom", status_code=204)
    async def hook_called(request: Request) -> Response:
        body = await request.body()
        if secret is not None:
            try:
                verify_webhook(secret, request.headers, body)
            except WebhookVerificationError as error:
                raise HTTPException(401, str(error)) from error
        cards.hear(decode(body))
        return Response(status_code=204)

    return app
