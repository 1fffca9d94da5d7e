"""What the generator service says of its generators."""

from typing import Any, ClassVar

from pydantic import Field

from shared.events.parts import Message, Timestamp


class GeneratorAnnounced(Message):
    """A generator can be asked for: its name, version and the JSON Schema of its input."""

    type_name: ClassVar[str] = "darkroom.generator.announced.v1"
    name: str = Field(pattern="^[a-z][a-z0-9-]{0,62}$")
    generator_version: str
    description: str
    input_schema: dict[str, Any] = Field(description="JSON Schema 2020-12 of the input.")
    media_types: tuple[str, ...]
    example: dict[str, Any]
    paused: bool = Field(default=False, description="Its jobs wait until it is resumed.")
    max_cost: float | None = Field(
        default=None,
        ge=0,
        description="What one job can cost at a provider, in USD, at most; null: nothing.",
    )
    announced_at: Timestamp
