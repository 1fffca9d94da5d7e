"""The class of an error decides, whoever raised it."""

import errno
from datetime import timedelta
from typing import Self

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from services.generator.errors import ChildDiedError, FailureClass
from services.generator.runtime.setback import AttemptFailedError, Setback, expected, setback_of
from shared.errors import (
    InvalidInputError,
    PermanentError,
    RateLimitedError,
    RetryableError,
    TimedOutError,
    UnknownOutcomeError,
)
from shared.storage import StorageUnavailableError


class Size(BaseModel):
    width: int
    height: int

    @model_validator(mode="after")
    def _is_upright(self) -> Self:
        if self.width > self.height:
            raise ValueError("width: at most the height")
        return self


def a_validation_error() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Size.model_validate({"width": "wide"})
    return caught.value


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (RetryableError("later"), "unavailable", FailureClass.TRANSIENT),
        (StorageUnavailableError(), "storage_unavailable", FailureClass.TRANSIENT),
        (RateLimitedError(), "rate_limited", FailureClass.RATE_LIMITED),
        (ChildDiedError(), "child_died", FailureClass.CRASHED),
        (TimedOutError(), "timed_out", FailureClass.TIMED_OUT),
        (PermanentError("never"), "failed", FailureClass.PERMANENT),
        (UnknownOutcomeError(), "outcome_unknown", FailureClass.UNKNOWN),
        (InvalidInputError(), "invalid_input", FailureClass.PERMANENT),
        (MemoryError(), "out_of_memory", FailureClass.CRASHED),
        (OSError(errno.EFBIG, "File too large"), "output_too_large", FailureClass.PERMANENT),
        (OSError(errno.ENOSPC, "No space left on device"), "no_room", FailureClass.TRANSIENT),
        (KeyError("colour"), "generator_error", FailureClass.PERMANENT),
        (ZeroDivisionError(), "generator_error", FailureClass.PERMANENT),
    ],
)
def test_every_error_has_a_code_and_a_class(
    error: Exception, code: str, kind: FailureClass
) -> None:
    setback = setback_of(error)

    assert (setback.code, setback.kind) == (code, kind)
    assert setback.retryable is (kind not in {FailureClass.PERMANENT, FailureClass.UNKNOWN})
    assert setback.message


def test_a_rule_about_several_fields_is_told_in_its_own_words() -> None:
    with pytest.raises(ValidationError) as caught:
        Size.model_validate({"width": 2, "height": 1})

    assert setback_of(caught.value).message == "width: at most the height"


def test_a_bad_input_names_each_field() -> None:
    setback = setback_of(a_validation_error())

    assert setback.code == "invalid_input"
    assert "width: " in setback.message
    assert "height: " in setback.message


def test_an_unexpected_error_says_its_type_and_message_but_no_stack() -> None:
    assert setback_of(KeyError("colour")).message == "KeyError: 'colour'"
    assert not expected(KeyError("colour"))
    assert expected(RetryableError())


def test_long_messages_are_cut() -> None:
    assert len(setback_of(ValueError("x" * 10_000)).message) == 500


@pytest.mark.parametrize("after", [None, timedelta(seconds=2.5)])
def test_a_setback_survives_the_pipe(after: timedelta | None) -> None:
    setback = Setback("busy", "It is busy.", FailureClass.RATE_LIMITED, after)

    assert Setback.from_dict(setback.as_dict()) == setback
    assert setback_of(AttemptFailedError(setback)) == setback
