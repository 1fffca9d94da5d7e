"""`DARKROOM_COMFYUI_…`: servers, and the folder of workflow templates."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.generator.generators.remote.settings import (
    BACKENDS,
    BackendSettings,
    RemoteSettings,
)


class ComfyUiBackend(BackendSettings):
    """A server that runs ComfyUI."""

    base_url: str = "http://127.0.0.1:8188"
    max_concurrency: int = Field(4, ge=1, le=1000, description="Orders in its queue at a time.")
    templates: tuple[str, ...] | None = Field(
        None, description="Those that it has the models for; all by default."
    )
    price_per_second: float = Field(0, ge=0, description="USD that a second of work costs.")
    longest_seconds: float = Field(600, gt=0, description="For what an order can cost at most.")

    def cost(self, seconds: float) -> float | None:
        """USD; None: it is free."""
        return self.price_per_second * seconds if self.price_per_second else None

    def most(self) -> float | None:
        return self.cost(self.longest_seconds)


class ComfyUiSettings(RemoteSettings):
    """All of them."""

    model_config = SettingsConfigDict(env_prefix="DARKROOM_COMFYUI_")
    documentation: ClassVar[str] = "docs/generators/comfyui.md"

    backends: tuple[ComfyUiBackend, ...] = Field((), repr=False, description=BACKENDS)
    templates: Path | None = Field(None, description="The folder that holds workflow templates.")

    def incomplete(self) -> str | None:
        if self.templates is None:
            return f"needs the setting {self.variable('templates')}: see {self.documentation}"
        if not any(self.templates.glob("*.json")):
            return f"there is no template in the folder {self.variable('templates')}"
        return None
