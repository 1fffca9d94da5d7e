"""Files that people bring along, to be named by the inputs of generators."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was uploaded: what its bytes say of it, and where they are (`sha256`).

    `media_type` is sniffed; `declared_type` is what the sender called it. Sizes are in bytes,
    pixels and seconds.
    """

    id: UUID
    tenant: str
    sha256: str
    media_type: str
    size: int
    created_at: datetime
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    filename: str | None = None
    declared_type: str | None = None


@dataclass(frozen=True, slots=True)
class UploadClaim:
    """What the sender says of a file; neither is believed."""

    filename: str | None = None
    media_type: str | None = None
