"""How times, sizes and statuses are written, the same in every command."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

STYLES = {
    "ready": "green",
    "succeeded": "green",
    "failed": "red",
    "timed_out": "red",
    "lost": "red",
    "canceled": "yellow",
    "expired": "yellow",
    "retrying": "yellow",
    "needs_reconciliation": "bold yellow",
    "running": "cyan",
}
NOTHING = "–"
_ENDLESS = 1_000_000


def status_text(status: str | None) -> Text:
    """A status in its colour."""
    return Text(status or NOTHING, STYLES.get(status or "", ""))


def moment(value: datetime | None) -> str:
    """Local time, to the second."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M:%S") if value else NOTHING


def ago(value: datetime, now: datetime | None = None) -> str:
    """How long ago, in one unit."""
    seconds = max(0, int(((now or datetime.now(UTC)) - value).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def span(start: datetime | None, end: datetime | None) -> str:
    """How long something took: 85 ms, 2.4 s, 3 min 5 s, 2 h 20 min."""
    if start is None or end is None:
        return NOTHING
    return duration(end - start)


def duration(value: timedelta) -> str:
    """A length of time with as many digits as anybody wants to read."""
    seconds = value.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = {"h": hours, "min": minutes, "s": 0 if hours else rest}
    return " ".join(f"{count} {unit}" for unit, count in parts.items() if count)


def usd(amount: float | None) -> str:
    """Money: $0.50, $0.003."""
    if amount is None:
        return NOTHING
    whole, _, cents = f"{amount:.6f}".partition(".")
    return f"${whole}.{cents.rstrip('0').ljust(2, '0')}"


def table(*columns: str) -> Table:
    """A table without frames; the last column takes what room is left."""
    made = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for place, column in enumerate(columns):
        last = place == len(columns) - 1
        made.add_column(column, no_wrap=not last, overflow="fold" if last else "ellipsis")
    return made


def print_pairs(console: Console, rows: Iterable[tuple[str, str | Text]]) -> None:
    """Names and values, one a line; a long value goes on below itself, but not in a pipe."""
    listed = [(name, value if isinstance(value, Text) else Text(value)) for name, value in rows]
    indent = max(len(name) for name, _ in listed) + 2
    room = max(console.width - indent, 20) if console.is_terminal else _ENDLESS
    for name, value in listed:
        for place, line in enumerate(value.wrap(console, room, overflow="ignore")):
            line.rstrip()
            title = (name if place == 0 else "").ljust(indent)
            console.print(Text.assemble((title, "dim"), line), soft_wrap=True)


def print_json(console: Console, value: BaseModel | Iterable[BaseModel] | dict[str, Any]) -> None:
    """JSON for scripts: as the API said it, on standard output, never coloured or wrapped."""
    data: Any = value
    if isinstance(value, BaseModel):
        data = value.model_dump(mode="json")
    elif not isinstance(value, dict):
        data = [item.model_dump(mode="json") for item in value]
    console.print(json.dumps(data, indent=2, ensure_ascii=False), markup=False, soft_wrap=True)
