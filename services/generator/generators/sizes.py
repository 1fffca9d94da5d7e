"""How large a picture may be: width x height is bounded by bounding the shorter side as well.

JSON Schema can say that, so that who validates by the schema alone refuses the same pictures.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Size:
    """The most pixels of the longer and of the shorter side."""

    longest: int
    longest_short_side: int

    def schema(self) -> dict[str, Any]:
        """For `json_schema_extra` of a model with `width` and `height`."""
        large = {"type": "integer", "exclusiveMinimum": self.longest_short_side}
        return {
            "if": {"properties": {"width": large}, "required": ["width"]},
            "then": {"properties": {"height": {"maximum": self.longest_short_side}}},
        }

    def check(self, width: int, height: int) -> None:
        """Raises `ValueError`, for a validator of such a model."""
        if min(width, height) > self.longest_short_side:
            raise ValueError(
                f"width {width} x height {height} is too large: "
                f"the shorter side may have {self.longest_short_side} pixels at most"
            )
