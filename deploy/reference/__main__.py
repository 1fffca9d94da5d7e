"""`python -m deploy.reference [--check]`: write the pages, or say which are out of date."""

import sys
from collections.abc import Callable
from pathlib import Path

from deploy.reference.env_example import env_example
from deploy.reference.errors_page import errors_page
from deploy.reference.events_page import events_page
from deploy.reference.retries_page import retries_page
from deploy.reference.settings_page import settings_page
from deploy.reference.topology_page import topology_page

ROOT = Path(__file__).resolve().parents[2]
PAGES: dict[str, Callable[[], str]] = {
    ".env.example": env_example,
    "docs/reference/errors.md": errors_page,
    "docs/reference/events.md": events_page,
    "docs/reference/retries.md": retries_page,
    "docs/reference/settings.md": settings_page,
    "docs/reference/topology.md": topology_page,
}


def stale() -> list[str]:
    """The pages that are not what the code says."""
    return [name for name, render in PAGES.items() if _read(ROOT / name) != render()]


def main(arguments: list[str]) -> int:
    """Answers the exit code: 1 when something was out of date and `--check` was given."""
    outdated = stale()
    if arguments == ["--check"]:
        for name in outdated:
            print(f"out of date: {name}; write it with python -m deploy.reference", file=sys.stderr)
        return 1 if outdated else 0
    for name in outdated:
        (ROOT / name).write_text(PAGES[name]())
        print(f"wrote {name}")
    return 0


def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
