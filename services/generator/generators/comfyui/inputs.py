"""What one can ask of the ComfyUI generator. Imported to announce it: keep it light."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.generator.generators.remote.prompts import MaxCost
from shared.generators import AssetId

NAME = r"^[a-z][a-z0-9_-]{0,62}$"

Name = Annotated[str, Field(pattern=NAME, max_length=63)]
Value = (
    bool
    | Annotated[int, Field(ge=-(2**53), le=2**53)]
    | Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
    | Annotated[str, Field(max_length=8000)]
)


class TemplateFile(BaseModel):
    """A picture for the workflow."""

    model_config = ConfigDict(extra="forbid")
    field: Name = Field(description="The template's field that takes it.", examples=["picture"])
    asset: AssetId = Field(
        description="The asset: the id of an upload or of a job.",
        examples=["01890a5d-ac96-774b-bcce-b302099a8057"],
    )


class ComfyUiInput(BaseModel):
    """One of the workflows that the operator has put there, and what goes into its fields."""

    model_config = ConfigDict(extra="forbid", title="ComfyUI")

    template: Name = Field(
        description="The name of a workflow template.", examples=["text-to-image"]
    )
    values: dict[Name, Value] = Field(
        default_factory=dict,
        max_length=32,
        description="Values for the template's fields; it says which there are, and their bounds.",
        examples=[{"prompt": "A lighthouse in a storm", "steps": 20}],
    )
    files: list[TemplateFile] = Field(
        default_factory=list,
        max_length=8,
        description="Pictures for the template's fields.",
        examples=[[{"field": "picture", "asset": "01890a5d-ac96-774b-bcce-b302099a8057"}]],
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=2**32 - 1,
        description="Of the workflow's chance; the job's by default.",
        examples=[7],
    )
    max_cost: MaxCost = None
