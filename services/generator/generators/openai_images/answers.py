"""What the server answers: pictures, as base64 or where they lie, and what was used."""

import base64
import binascii
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.generator.generators.openai_images.settings import OpenAiImagesBackend
from services.generator.generators.remote.errors import AnswerLostError, ProviderFailedError


class Picture(BaseModel):
    """One of them."""

    model_config = ConfigDict(extra="ignore")
    b64_json: str | None = Field(None, repr=False)
    url: str | None = None
    revised_prompt: str | None = None

    def content(self) -> bytes:
        """The file. Raises `AnswerLostError`."""
        try:
            return base64.b64decode(self.b64_json or "", validate=True)
        except binascii.Error:
            raise AnswerLostError("The provider's picture is no base64.") from None


class Usage(BaseModel):
    """Tokens."""

    model_config = ConfigDict(extra="ignore")
    input_tokens: int = 0
    output_tokens: int = 0


class Pictures(BaseModel):
    """All of them."""

    model_config = ConfigDict(extra="ignore")
    data: list[Picture] = Field(min_length=1)
    usage: Usage | None = None

    @classmethod
    def of(cls, answer: Any) -> "Pictures":
        """Raises `AnswerLostError` for what is none."""
        try:
            made = cls.model_validate(answer)
        except ValidationError:
            made = None
        if made is None or any(one.b64_json is None and one.url is None for one in made.data):
            raise AnswerLostError("The provider answered without a picture.")
        return made

    @classmethod
    def at(cls, order_id: str) -> "Pictures":
        """What an order's id leads to: a JSON list of URLs, or one URL."""
        try:
            urls = json.loads(order_id) if order_id.startswith("[") else [order_id]
        except ValueError:
            raise ProviderFailedError("The order leads to no picture: give its address.") from None
        return cls(data=[Picture(url=str(url)) for url in urls])

    @property
    def id(self) -> str | None:
        """Where they lie, if they are not at hand: enough to get them once more."""
        urls = [picture.url for picture in self.data]
        return json.dumps(urls) if all(urls) else None

    def cost(self, told: OpenAiImagesBackend) -> float:
        """USD: by what was used where that is known, else by the picture."""
        if self.usage is None or told.price_per_million_output_tokens is None:
            return told.price_per_image * len(self.data)
        return (
            self.usage.input_tokens * (told.price_per_million_input_tokens or 0)
            + self.usage.output_tokens * told.price_per_million_output_tokens
        ) / 1e6
