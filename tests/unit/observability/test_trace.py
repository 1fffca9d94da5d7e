"""Traces are handed on as the W3C says; rubbish is not."""

import pytest

from shared.observability import new_traceparent, valid_traceparent

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_valid_traceparent_is_kept() -> None:
    assert valid_traceparent(f" {PARENT} ") == PARENT


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "hello",
        PARENT.upper(),
        PARENT.replace("00-", "ff-", 1),
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        PARENT + "\n" + PARENT,
    ],
)
def test_anything_else_is_ignored(value: str | None) -> None:
    assert valid_traceparent(value) is None


def test_a_new_span_stays_in_its_trace() -> None:
    child = new_traceparent(PARENT)
    assert valid_traceparent(child) == child
    assert child.split("-")[1] == PARENT.split("-")[1]
    assert child.split("-")[2] != PARENT.split("-")[2]


def test_a_trace_begins_where_there_is_none() -> None:
    assert new_traceparent() != new_traceparent("rubbish")
    assert valid_traceparent(new_traceparent())
