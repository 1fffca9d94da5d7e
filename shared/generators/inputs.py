"""Files that a generator is given: always by the id of an asset, never by an address or a path.

The api looks each id up when the request comes in (it has to belong to the same tenant, and to be
stored), and the worker puts the files beside the attempt before the generator begins.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

FORMAT: Final = "darkroom-asset-id"
"""The JSON Schema `format` by which the api finds asset ids in an input."""

_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

AssetId = Annotated[
    str,
    Field(
        max_length=40,
        pattern=f"^{_UUID}(/[0-9]{{1,2}})?$",
        json_schema_extra={"format": FORMAT},
    ),
]
"""An upload's id, a job's id (its primary asset), or `<job id>/<n>` (its asset at position n)."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """An asset on the worker's disk, to be read only. Sizes in bytes, pixels and seconds."""

    path: Path
    media_type: str
    sha256: str
    size: int
    width: int | None = None
    height: int | None = None
    duration: float | None = None
