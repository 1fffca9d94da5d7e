"""`DARKROOM_OPENAI_IMAGES_…`: servers, what they understand, and what they cost."""

from typing import ClassVar, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.generator.generators.openai_images.inputs import Size
from services.generator.generators.remote.settings import BACKENDS, RemoteSettings
from services.generator.generators.remote.synchronous import SynchronousBackend

Dialect = Literal["gpt-image", "dall-e", "plain"]


class OpenAiImagesBackend(SynchronousBackend):
    """A server for pictures."""

    model: str = "gpt-image-1"
    dialect: Dialect = Field(
        "gpt-image",
        description="gpt-image and dall-e know the fields of these models; "
        "plain only prompt, count and size, which all servers understand.",
    )
    download_hosts: tuple[str, ...] = ("*.blob.core.windows.net",)
    sizes: tuple[Size, ...] | None = Field(
        None, description="Those that the model can make; what the dialect usually can by default."
    )
    edits: bool = Field(True, description="Whether it can change pictures (images/edits).")
    partial_images: int = Field(
        0,
        ge=0,
        le=3,
        description="Unfinished pictures to ask for while one is made, to tell progress by "
        "(gpt-image); they cost a little.",
    )
    price_per_image: float = Field(ge=0, description="USD for the dearest picture that it makes.")
    price_per_million_input_tokens: float | None = Field(None, ge=0)
    price_per_million_output_tokens: float | None = Field(
        None, ge=0, description="With this, jobs cost what was used, not what it costs at most."
    )

    def most(self) -> float:
        return 4 * self.price_per_image


class OpenAiImagesSettings(RemoteSettings):
    """All of them."""

    model_config = SettingsConfigDict(env_prefix="DARKROOM_OPENAI_IMAGES_")
    documentation: ClassVar[str] = "docs/generators/openai-images.md"

    backends: tuple[OpenAiImagesBackend, ...] = Field((), repr=False, description=BACKENDS)
