"""What one can ask of the Replicate generator. Imported to announce it: keep it light."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.generator.generators.remote.prompts import Lines, MaxCost, lines_of
from shared.generators import AssetId

_ADDRESS: Final = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*://|data:|//)", re.IGNORECASE)


def _no_address(value: str) -> str:
    if _ADDRESS.match(value):
        raise ValueError("addresses are not passed on: name an asset in `files` instead")
    return lines_of(value)


Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$", max_length=64)]
Text = Annotated[str, Field(max_length=8000), AfterValidator(_no_address)]
Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Integer = Annotated[int, Field(ge=-(2**53), le=2**53)]
Scalar = bool | Integer | Number | Text


class ModelFile(BaseModel):
    """A file for the model."""

    model_config = ConfigDict(extra="forbid")
    parameter: Name = Field(
        description="The model's parameter that takes the file.", examples=["image"]
    )
    asset: AssetId = Field(
        description="The asset: the id of an upload or of a job.",
        examples=["01890a5d-ac96-774b-bcce-b302099a8057"],
    )


class ReplicateInput(BaseModel):
    """A prediction by one of the models that the operator allows."""

    model_config = ConfigDict(extra="forbid", title="Replicate", protected_namespaces=())

    model: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_.-]*/[a-z0-9][a-z0-9_.-]*$",
        max_length=200,
        description="owner/name of a model that this Darkroom allows.",
        examples=["black-forest-labs/flux-schnell"],
    )
    prompt: Lines = Field(
        default="",
        max_length=8000,
        description="What to make; goes into the model's parameter for prompts.",
        examples=["A lighthouse in a storm, oil on canvas"],
    )
    parameters: dict[Name, Scalar | Annotated[list[Scalar], Field(max_length=16)]] = Field(
        default_factory=dict,
        max_length=32,
        description="Further parameters of the model: texts, numbers, switches; no addresses.",
        examples=[{"aspect_ratio": "16:9", "num_outputs": 1}],
    )
    files: list[ModelFile] = Field(
        default_factory=list,
        max_length=4,
        description="Assets that the model is given.",
        examples=[[{"parameter": "image", "asset": "01890a5d-ac96-774b-bcce-b302099a8057"}]],
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=2**32 - 1,
        description="Of the model's chance, where it has a parameter for it; the job's by default.",
        examples=[7],
    )
    max_cost: MaxCost = None
