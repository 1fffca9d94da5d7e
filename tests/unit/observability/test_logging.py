"""One JSON line for everything that happens, wherever it comes from."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.observability import configure_logging, wide_event


class Lines(io.StringIO):
    """What was logged, as dictionaries."""

    def read_all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """A stream that all logs go to; afterwards everything is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = Lines()
    configure_logging("notifier", stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


def test_a_line_says_when_what_and_who(lines: Lines) -> None:
    structlog.get_logger().info("job.done", job_id="j1", count=2)
    [line] = lines.read_all()
    assert list(line)[:4] == ["time", "level", "event", "service"]
    assert line["event"] == "job.done"
    assert line["service"] == "notifier"
    assert line["count"] == 2


def test_logs_of_libraries_take_the_same_way(lines: Lines) -> None:
    logging.getLogger("some.library").warning("low on %s", "disk")
    [line] = lines.read_all()
    assert (line["level"], line["event"]) == ("warning", "low on disk")


def test_chatty_libraries_are_quiet(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("aio_pika.robust_connection").warning("Reconnecting")
    assert lines.read_all() == []


def test_an_exception_is_one_line(lines: Lines) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("job.broke")
    [line] = lines.read_all()
    assert "ValueError: broken" in line["exception"]


def test_what_is_below_the_level_is_not_written(lines: Lines) -> None:
    structlog.get_logger().debug("detail")
    assert lines.read_all() == []


def test_values_that_json_does_not_know_are_written_as_text(lines: Lines) -> None:
    structlog.get_logger().info("odd", value={1: object})
    assert lines.read_all()[0]["value"]["1"].startswith("<class")


def test_a_unit_of_work_is_one_wide_line(lines: Lines) -> None:
    with wide_event(structlog.get_logger(), "batch.done", messages=3) as line:
        line["verdicts"] = 2
    [written] = lines.read_all()
    assert (written["messages"], written["verdicts"], written["outcome"]) == (3, 2, "ok")
    assert written["duration_ms"] >= 0


def test_a_unit_of_work_that_fails_says_how_and_goes_on_failing(lines: Lines) -> None:
    with pytest.raises(KeyError), wide_event(structlog.get_logger(), "batch.done"):
        raise KeyError("title")
    [written] = lines.read_all()
    assert (written["level"], written["outcome"]) == ("error", "error")
    assert written["error_class"] == "KeyError"


def test_a_person_gets_readable_lines(lines: Lines) -> None:
    configure_logging("notifier", format="console", stream=lines)
    structlog.get_logger().info("job.done", count=2)
    assert "job.done" in lines.getvalue()
    assert "count=2" in lines.getvalue()


def test_the_console_shows_stacks_without_what_stands_in_variables(lines: Lines) -> None:
    configure_logging("api", format="console", stream=lines)
    key = "".join(["dk_", "very", "secret"])
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("request.failed")
    assert key not in lines.getvalue()
    assert "ValueError: broken" in lines.getvalue()


def test_loggers_of_a_process_are_made_once(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", lines)
    configure_logging("notifier")
    log = structlog.get_logger("some.module")
    log.info("job.done")
    configure_logging("another", stream=io.StringIO())
    log.info("job.done")
    assert [line["service"] for line in lines.read_all()] == ["notifier", "notifier"]
