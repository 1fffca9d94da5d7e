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
    "running": "cyan",
}
NOTHING = "–"


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
    """How long something took: 85 ms, 2.4 s, 3 min 5 s."""
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
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def table(*columns: str) -> Table:
    """A table without frames; the last column takes what room is left."""
    made = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for place, column in enumerate(columns):
        last = place == len(columns) - 1
        made.add_column(column, no_wrap=not last, overflow="fold" if last else "ellipsis")
    return made


def pairs(rows: Iterable[tuple[str, Any]]) -> Table:
    """Names and values, one a line."""
    made = Table.grid(padding=(0, 2))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, value if isinstance(value, Text) else Text(str(value)))
    return made


def print_json(console: Console, value: BaseModel | Iterable[BaseModel] | dict[str, Any]) -> None:
    """JSON for scripts: as the API said it, on standard output, never coloured or wrapped."""
    data: Any = value
    if isinstance(value, BaseModel):
        data = value.model_dump(mode="json")
    elif not isinstance(value, dict):
        data = [item.model_dump(mode="json") for item in value]
    console.print(json.dumps(data, indent=2, ensure_ascii=False), markup=False, soft_wrap=True)
