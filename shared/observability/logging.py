"""Logs: structlog, one line of JSON each on standard output, the libraries' logs included.

A unit of work says what happened in one wide line (`wide_event`) instead of many narrow ones.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.events.parts import rfc3339
from shared.observability.lines import LineLogger

QUIET = {
    "aio_pika": logging.CRITICAL,
    "aiormq": logging.CRITICAL,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "faststream": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "uvicorn": logging.WARNING,
}
"""Libraries that say too much, and what they may still say.

aio_pika reports each failed attempt to reconnect with its stack; `BrokerSession` says it once."""


def configure_logging(
    service: str,
    *,
    format: Literal["json", "console"] = "json",
    level: str = "info",
    stream: TextIO | None = None,
) -> None:
    """Send every log line of this process to `stream` (standard output).

    For standard output this is for good: loggers that have said something keep what they found
    here, which saves making them anew for every line.
    """
    for_good = stream is None
    stream = stream or sys.stdout
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared = _shared_processors(service)
    renderers = _renderers(format, stream)
    structlog.configure(
        processors=[_line_of(service)] if format == "json" else [*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=_line_loggers(stream) if for_good else structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=for_good,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(threshold)
    for name, quiet in QUIET.items():
        logging.getLogger(name).setLevel(max(quiet, threshold))


def _line_loggers(stream: TextIO) -> Callable[..., LineLogger]:
    lines = LineLogger(stream)
    return lambda *_: lines


@contextmanager
def wide_event(log: Any, name: str, **fields: Any) -> Iterator[dict[str, Any]]:
    """One log line for one unit of work, with how long it took and how it ended.

    Add to the dictionary what becomes known on the way. An exception makes it an error line, and
    goes on.
    """
    begun = time.perf_counter()
    try:
        yield fields
    except BaseException as error:
        fields |= {"outcome": "error", "error_class": type(error).__name__, "error": str(error)}
        log.error(name, **fields, duration_ms=_milliseconds(begun))
        raise
    log.info(name, **{"outcome": "ok", **fields}, duration_ms=_milliseconds(begun))


def _milliseconds(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 2)


def _line_of(service: str) -> Processor:
    """All that follows, in one step, for there are lines with every job."""

    def line(logger: WrappedLogger, method: str, event: EventDict) -> str:
        if "exc_info" in event or "stack_info" in event:
            for explain in _EXPLAINING:
                event = explain(logger, method, event)
        first: EventDict = {
            "time": rfc3339(datetime.now(UTC)),
            "level": _LEVELS.get(method, method),
            "event": event.pop("event", None),
            "service": service,
        }
        return _dumps({**first, **event})

    return line


_LEVELS = {"exception": "error", "warn": "warning", "fatal": "critical"}
_EXPLAINING = (structlog.processors.StackInfoRenderer(), structlog.processors.format_exc_info)


def _shared_processors(service: str) -> list[Processor]:
    def put_in_order(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        first = {name: event.pop(name) for name in ("time", "level", "event")}
        return {**first, "service": service, **event}

    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.StackInfoRenderer(),
        put_in_order,
    ]


def _renderers(format: Literal["json", "console"], stream: TextIO) -> list[Processor]:
    if format == "console":
        # Stacks without the values of variables: secrets are among them.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=_dumps),
    ]


def _dumps(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
