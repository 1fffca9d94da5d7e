"""The files that jobs in memory have made."""

import base64
import hashlib
from dataclasses import dataclass

from shared.events import Asset

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel: what is made where a test does not say what."""


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that a job is to have made; give the measures that your code looks at."""

    content: bytes = PIXEL
    media_type: str = "image/png"
    role: str = "primary"
    filename: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None

    @property
    def asset(self) -> Asset:
        """As events describe it."""
        return Asset(
            sha256=hashlib.sha256(self.content).hexdigest(),
            media_type=self.media_type,
            size=len(self.content),
            role=self.role,
            filename=self.filename,
            width=self.width,
            height=self.height,
            duration=self.duration,
        )


PICTURE = MadeFile(filename="picture.png", width=1, height=1)
