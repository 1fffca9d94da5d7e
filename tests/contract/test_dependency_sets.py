"""Each service installs what it needs and no more: the locked packages of its extra."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

LOCK = Path(__file__).parents[2] / "uv.lock"
PICTURES = {"numpy", "pillow", "typst"}
HEADERS = {"imagesize", "puremagic"}


def packages(extra: str) -> set[str]:
    """What is installed for this extra alone, by the lock: its packages and what they need."""
    locked = {package["name"]: package for package in tomllib.loads(LOCK.read_text())["package"]}
    found: set[tuple[str, str]] = set()
    waiting = [("darkroom", ""), ("darkroom", extra)]
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in found:
            continue
        found.add((name, wanted))
        for needed in _needs(locked[name], wanted):
            waiting += [(needed["name"], option) for option in ("", *needed.get("extra", ()))]
    return {name for name, _ in found}


def _needs(package: dict[str, Any], extra: str) -> list[dict[str, Any]]:
    if not extra:
        return list(package.get("dependencies", ()))
    return list(package.get("optional-dependencies", {}).get(extra, ()))


@pytest.mark.parametrize(
    ("service", "needs", "does_without"),
    [
        ("api", {"fastapi", "jsonschema-rs"} | HEADERS, PICTURES | {"typer", "psutil"}),
        ("generator", PICTURES | HEADERS, {"fastapi", "jsonschema-rs", "typer"}),
        (
            "notifier",
            {"faststream", "asyncpg"},
            PICTURES | HEADERS | {"fastapi", "jsonschema-rs", "typer"},
        ),
    ],
)
def test_a_service_installs_only_what_it_needs(
    service: str, needs: set[str], does_without: set[str]
) -> None:
    installed = packages(service)

    assert needs <= installed
    assert not does_without & installed
