"""Builders of the pieces that events are made of. Neighbour: `builders`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import BaseModel

from shared.events import Asset, Attempt, Failure, Outcome
from shared.testing.clock import MOMENT

Model = TypeVar("Model", bound=BaseModel)


def build(model: type[Model], defaults: Mapping[str, Any], changes: Mapping[str, Any]) -> Model:
    """A valid `model`; a change of a field that it does not have is an error of the test."""
    unknown = changes.keys() - model.model_fields.keys()
    if unknown:
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    return model.model_validate({**defaults, **changes})


def an_attempt(**changes: Any) -> Attempt:
    """A first attempt that ended well after a second."""
    defaults = {
        "number": 1,
        "worker": "host:1:1",
        "started_at": MOMENT,
        "ended_at": MOMENT + timedelta(seconds=1),
        "outcome": Outcome.SUCCEEDED,
    }
    return build(Attempt, defaults, changes)


def a_failed_attempt(**changes: Any) -> Attempt:
    """A first attempt that ended badly after a second."""
    return an_attempt(**{"outcome": Outcome.FAILED, "failure": a_failure(), **changes})


def a_failure(**changes: Any) -> Failure:
    """A reason that a person understands."""
    defaults = {"code": "failed", "message": "The picture could not be drawn.", "retryable": False}
    return build(Failure, defaults, changes)


def an_asset(**changes: Any) -> Asset:
    """A card as PNG; its hash is not that of any real file."""
    defaults = {
        "sha256": "ab" * 32,
        "media_type": "image/png",
        "size": 48_213,
        "filename": "card.png",
        "width": 1200,
        "height": 630,
    }
    return build(Asset, defaults, changes)
