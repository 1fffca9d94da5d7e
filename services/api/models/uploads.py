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
class KeptUpload:
    """What an idempotency key was used for: bytes of this hash; None where it was deleted since."""

    sha256: str
    upload: Upload | None


@dataclass(frozen=True, slots=True)
class UploadClaim:
    """What the sender says of a file; name and type are not believed.

    `size` is how many bytes will come, where that is said. What is sent again with the same `key`
    is the same upload.
    """

    filename: str | None = None
    media_type: str | None = None
    size: int | None = None
    key: str | None = None
