"""What a model is told: the user's parameters, the operator's, and the files."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from services.generator.generators.replicate.inputs import ReplicateInput
from services.generator.generators.replicate.settings import AllowedModel, ReplicateBackend
from shared.errors import InvalidInputError
from shared.generators import InputFile

INLINE: Final = 256 * 1024
"""Larger files are uploaded. Source: Replicate's documentation of input files."""


def outputs_wanted(input: ReplicateInput, model: AllowedModel, told: ReplicateBackend) -> int:
    """How many files are asked for. Raises `InvalidInputError`."""
    wanted = model.fixed.get(model.count_parameter, input.parameters.get(model.count_parameter, 1))
    if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 1:
        raise InvalidInputError(
            f"parameters.{model.count_parameter}: {wanted!r} is no number of files"
        )
    if wanted > told.most_outputs:
        raise InvalidInputError(
            f"parameters.{model.count_parameter}: {wanted} is more than {told.most_outputs}"
        )
    return wanted


def check(input: ReplicateInput, model: AllowedModel) -> None:
    """Raises `InvalidInputError` for parameters that users may not set."""
    files = [file.parameter for file in input.files]
    if model.settable is None:
        return
    for name in (*input.parameters, *files):
        if name not in model.settable:
            raise InvalidInputError(
                f"parameters.{name}: {model.model} takes only {', '.join(model.settable) or 'none'}"
            )


def told(
    input: ReplicateInput, model: AllowedModel, seed: int, files: Mapping[str, str]
) -> dict[str, Any]:
    """All parameters; the operator's win."""
    said: dict[str, Any] = dict(input.parameters)
    if input.prompt:
        said[model.prompt_parameter] = input.prompt
    if model.seed_parameter is not None:
        said.setdefault(model.seed_parameter, model.seed(seed))
    return {**said, **files, **model.fixed}


def fits(answered: Mapping[str, Any] | None, said: Mapping[str, Any], model: AllowedModel) -> bool:
    """Whether an answer is one to this order: caches and gateways have given others."""
    seed = model.seed_parameter
    if answered is None or seed is None or seed not in answered:
        return True
    return bool(answered[seed] == said.get(seed))


def inline(file: InputFile) -> str:
    """A small file as a data URL."""
    return f"data:{file.media_type};base64,{base64.b64encode(file.path.read_bytes()).decode()}"
