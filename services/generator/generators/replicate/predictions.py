"""What Replicate says of a prediction. Source: Replicate's HTTP API reference, predictions."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.generator.generators.remote.errors import AnswerLostError
from services.generator.generators.remote.failures import clipped

_PERCENT: Final = re.compile(r"(?<![\d.])(\d{1,3})(?:\.\d+)?\s?%")
_TAIL: Final = 2000


class Prediction(BaseModel):
    """The parts that are looked at."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())

    id: str = Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")
    status: Literal["starting", "processing", "succeeded", "failed", "canceled", "aborted"]
    model: str | None = None
    version: str | None = None
    input: dict[str, Any] | None = None
    output: Any = None
    error: Any = None
    logs: str | None = None
    metrics: dict[str, Any] | None = None
    created_at: datetime | None = None
    webhook: str | None = None
    data_removed: bool = False

    @classmethod
    def of(cls, answer: Any) -> "Prediction":
        """Raises `AnswerLostError` for what is none."""
        try:
            return cls.model_validate(answer)
        except ValidationError as error:
            fields = ", ".join(
                str(problem["loc"][0]) for problem in error.errors() if problem["loc"]
            )
            raise AnswerLostError(f"The provider's prediction is not one ({fields}).") from None

    @property
    def is_over(self) -> bool:
        return self.status not in {"starting", "processing"}

    @property
    def seconds(self) -> float:
        """That are paid for."""
        measured = (self.metrics or {}).get("predict_time")
        if not isinstance(measured, (int, float)) or not 0 <= measured < 1e9:
            return 0.0
        return float(measured)

    @property
    def percent(self) -> float | None:
        """How far the logs say that it is: models print progress bars."""
        found = _PERCENT.findall((self.logs or "")[-_TAIL:])
        return min(float(found[-1]), 100) if found else None

    @property
    def reason(self) -> str:
        """Why it failed."""
        return clipped(self.error if isinstance(self.error, str) else "")

    def urls(self) -> list[str]:
        """The files that came out, each once, in order."""
        return list(dict.fromkeys(_addresses(self.output)))


def _addresses(output: Any) -> Iterator[str]:
    match output:
        case str() if output.startswith(("https://", "http://", "data:")):
            yield output
        case list():
            for part in output:
                yield from _addresses(part)
        case dict():
            for part in output.values():
                yield from _addresses(part)
